export * from './config.js';
export * from './database.js';
export { testDescription } from './description.js';
export * from './issuer.js';
export * from './mail-sink.js';
export { testSchema } from './schema.js';
export * from './servers.js';
export * from './span-sink.js';
export { staffWrites } from './staff-writes.js';
