import { testSchema } from '@cahier/testing';
import { dataSourceOptions } from './data-source.js';

/**
 * What TypeORM cannot model and therefore would drop: checks, and indexes with a condition or another method than a B-tree.
 * (At the functions and the sequence of the first migration it does not look.)
 */
testSchema((url) => dataSourceOptions(url, 2), [/DROP CONSTRAINT ".*_check"/, /DROP INDEX "public"."contribution_campaign_id_received_at_listed_idx"/]);
