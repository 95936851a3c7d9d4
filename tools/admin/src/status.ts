import { z } from 'zod';
import type { ServiceName } from './place.js';
import type { StaffApi } from './staff-api.js';

const status = z.object({ ready: z.boolean(), parts: z.record(z.string(), z.string()), figures: z.record(z.string(), z.number().nullable()) });
export type Status = z.infer<typeof status>;

/** What a service says of itself. */
export function statusOf(api: StaffApi, service: ServiceName): Promise<Status> {
  return api.get(service, '/staff/status', status);
}
