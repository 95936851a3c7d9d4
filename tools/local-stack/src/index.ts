export { archiveNow, backUp, layOut, startRestored } from './backup.js';
export { StackProblem } from './problem.js';
export { throwAwayFolder } from './throw-away.js';
export { startServices } from './services.js';
export { startStack } from './stack.js';
export { staffToken } from './staff-token.js';
export { serviceNames, staffRoles } from './types.js';
export type { StackAddresses, StackPart } from './addresses.js';
export type { Service, ServiceName, Services, ServicesOptions, Stack, StackOptions, StaffRole } from './types.js';
