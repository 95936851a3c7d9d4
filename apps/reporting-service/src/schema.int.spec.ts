import { testSchema } from '@cahier/testing';
import { dataSourceOptions } from './data-source.js';

/** The projections have no entities. What TypeORM cannot model and therefore would drop or rename: checks, and the table's unique keys and indexes by the names that the migration writes out. */
const beyondTypeOrm = [/DROP CONSTRAINT "report_.*_(check|key)"/, /DROP INDEX "public"."report_(state|requested_at_report_id)_idx"/];

testSchema((url) => dataSourceOptions(url, 2), beyondTypeOrm);
