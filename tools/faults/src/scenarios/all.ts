import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';
import { f01 } from './f01-intake.js';
import { f02 } from './f02-relay.js';
import { f03 } from './f03-consumers.js';
import { f04 } from './f04-notifier.js';
import { f05 } from './f05-report.js';
import { f07 } from './f07-postgres-killed.js';
import { f08 } from './f08-postgres-stalled.js';
import { f09 } from './f09-backend-terminated.js';
import { f10 } from './f10-deadlocks.js';
import { f11Away, f11Killed, f11Wiped } from './f11-broker.js';
import { f12 } from './f12-slow-broker.js';
import { f14 } from './f14-rolling-restart.js';
import { f15 } from './f15-redis.js';
import { f16 } from './f16-partitions.js';
import { f17 } from './f17-smtp.js';
import { f18 } from './f18-disk-full.js';
import { f23 } from './f23-overload.js';
import { f24 } from './f24-slow-clients.js';
import { f27 } from './f27-restore.js';
import { f28 } from './f28-out-of-memory.js';
import { f29 } from './f29-commit-swallowed.js';

/** Every scenario, in the order of the matrix; what empties the broker comes last. */
export const scenarios: readonly Scenario<World>[] = [f01, f02, f03, f04, f05, f07, f08, f09, f10, f11Killed, f11Away, f12, f14, f15, ...f16, f17, f18, f23, f24, f28, f29, f11Wiped, ...f27];
