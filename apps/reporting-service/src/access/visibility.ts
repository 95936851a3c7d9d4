import type { StaffMember } from '@cahier/platform';

/** Roles that see every campaign. */
const EVERYTHING = ['analyst', 'campaign-manager', 'admin'] as const;

/** Codes of the steering bodies whose campaigns the member of staff sees; null for all. */
export function visibleBodies({ roles, bodies }: StaffMember): readonly string[] | null {
  return EVERYTHING.some((role) => roles.includes(role)) ? null : bodies;
}
