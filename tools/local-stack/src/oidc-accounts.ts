import { staffRoles, type StaffRole } from './types.js';

export interface StaffAccount {
  readonly role: StaffRole;
  readonly name: string;
  /** The steering bodies whose reports a steering member may see. */
  readonly bodies: readonly string[];
}

const names: Record<StaffRole, string> = {
  'campaign-manager': 'Camille Martin',
  moderator: 'Dominique Bernard',
  analyst: 'Claude Dubois',
  'steering-member': 'Maxime Thomas',
  'mail-operator': 'Alix Robert',
  admin: 'Sacha Richard',
};

/** One made-up person per role. */
export const accounts: readonly StaffAccount[] = staffRoles.map((role) => ({ role, name: names[role], bodies: [] }));

/** An account's id is its role, followed by the bodies it was given when signing in: tokens need no other memory. */
export function rememberBodies(role: string, bodies: readonly string[]): string {
  return [role, ...bodies].join('|');
}

/** @returns undefined for an id that names no role. */
export function accountOf(id: string): StaffAccount | undefined {
  const [role, ...bodies] = id.split('|');
  const account = accounts.find((candidate) => candidate.role === role);
  return account && { ...account, bodies };
}
