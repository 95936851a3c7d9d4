import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';
import { f01 } from './f01-intake.js';
import { f02 } from './f02-relay.js';
import { f03 } from './f03-consumers.js';
import { f04 } from './f04-notifier.js';
import { f05 } from './f05-report.js';
import { f06 } from './f06-schedulers.js';
import { f07 } from './f07-postgres-killed.js';
import { f08 } from './f08-postgres-stalled.js';
import { f09 } from './f09-backend-terminated.js';
import { f10 } from './f10-deadlocks.js';
import { f11Away, f11Killed, f11Wiped } from './f11-broker.js';
import { f11Extension } from './f11-extension.js';
import { f11Three } from './f11-three-brokers.js';
import { f12 } from './f12-slow-broker.js';
import { f13 } from './f13-rebalance.js';
import { f14 } from './f14-rolling-restart.js';
import { f15 } from './f15-redis.js';
import { f16 } from './f16-partitions.js';
import { f17 } from './f17-smtp.js';
import { f18 } from './f18-disk-full.js';
import { f18Kafka, f18Postgres } from './f18-server-disk-full.js';
import { f19 } from './f19-clocks.js';
import { f20 } from './f20-replay.js';
import { f21 } from './f21-late.js';
import { f22 } from './f22-poison.js';
import { f23 } from './f23-overload.js';
import { f24 } from './f24-slow-clients.js';
import { f25 } from './f25-blocked.js';
import { f26 } from './f26-versions.js';
import { f27 } from './f27-restore.js';
import { f28 } from './f28-out-of-memory.js';
import { f29 } from './f29-commit-swallowed.js';
import { f30 } from './f30-sabotage.js';

/** Every scenario, in the order of the matrix; what empties the broker, and what needs other servers, comes last. */
export const scenarios: readonly Scenario<World>[] = [
  f01, f02, f03, f04, f05, f06, f07, f08, f09, f10, f11Killed, f11Away, f11Extension, f12, f13, f14, f15, ...f16, f17, f18, f18Postgres, f18Kafka, ...f19,
  f20, f21, f22, f23, f24, f25, f26, f28, f29, f30, f11Wiped, ...f27, f11Three,
];
