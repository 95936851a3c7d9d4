import { testSchema } from '@cahier/testing';
import { dataSourceOptions } from './data-source.js';

/**
 * What TypeORM cannot model and therefore would drop: checks; indexes with a condition; uniqueness and foreign keys, which the
 * entities do not declare; an identity column that no entity reads.
 */
const beyondTypeOrm = [/DROP CONSTRAINT "[a-z_]+_(check|fkey|key)"/, /DROP INDEX "public"."[a-z_]+_idx"/, /ALTER TABLE "dispatch" DROP COLUMN "position"/];

testSchema((url) => dataSourceOptions(url, 2), beyondTypeOrm);
