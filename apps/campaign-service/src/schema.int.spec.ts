import { testSchema } from '@cahier/testing';
import { dataSourceOptions } from './data-source.js';

/**
 * What TypeORM cannot model and therefore would drop: checks; indexes on expressions or with a condition; foreign keys without a
 * relation, which the entities do not have; identity columns that no entity reads; tables that only SQL touches.
 */
const beyondTypeOrm = [/DROP CONSTRAINT "[a-z_]+_(check|fkey|key)"/, /DROP INDEX "public"."[a-z_]+_idx"/, /ALTER TABLE "transition" DROP COLUMN "position"/];

testSchema((url) => dataSourceOptions(url, 2), beyondTypeOrm);
