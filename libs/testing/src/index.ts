export * from './clock.js';
export * from './config.js';
export * from './database.js';
export * from './issuer.js';
export * from './mail-sink.js';
export * from './servers.js';
export * from './span-sink.js';
export { staffWrites } from './staff-writes.js';
