import { CreateServiceNow1767225600000 } from './service-now.migration.js';
import { CreateStaffAction1767312000000 } from './staff-actions/create-staff-action.migration.js';

/** For the data source of every service. */
export const platformMigrations = [CreateServiceNow1767225600000, CreateStaffAction1767312000000];
