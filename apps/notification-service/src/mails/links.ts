import { createHmac, timingSafeEqual } from 'node:crypto';
import { DomainError, type KeyRing } from '@cahier/platform';

export class LinkInvalid extends DomainError {
  readonly code = 'subscription.link-invalid';
  readonly kind = 'not-found';
  readonly title = { fr: 'Lien non valable', en: 'Link not valid' };

  constructor() {
    super({ fr: 'Ce lien est incomplet ou n’est plus valable.', en: 'This link is incomplete or no longer valid.' });
  }
}

/** What a link allows; a token for one does nothing for the other. */
export type LinkPurpose = 'confirm' | 'manage';

const mac = (keys: KeyRing, version: number, purpose: LinkPurpose, subscriptionId: string): Buffer => createHmac('sha256', keys.key(version)).update(`${purpose}\0${subscriptionId}`).digest();

/** A token that only this service can make: key version, subscription, HMAC. Nothing is stored. */
export function linkToken(keys: KeyRing, purpose: LinkPurpose, subscriptionId: string): string {
  return `${keys.current}.${subscriptionId}.${mac(keys, keys.current, purpose, subscriptionId).toString('base64url')}`;
}

/** @returns the subscription's id. @throws LinkInvalid. */
export function readLinkToken(keys: KeyRing, purpose: LinkPurpose, token: string): string {
  const [, version, subscriptionId, signature] = /^([1-9]\d{0,4})\.([0-9a-f-]{36})\.([A-Za-z0-9_-]{43})$/.exec(token) ?? [];
  if (version === undefined || subscriptionId === undefined || signature === undefined) throw new LinkInvalid();
  let expected: Buffer;
  try {
    expected = mac(keys, Number(version), purpose, subscriptionId);
  } catch {
    throw new LinkInvalid();
  }
  if (!timingSafeEqual(expected, Buffer.from(signature, 'base64url'))) throw new LinkInvalid();
  return subscriptionId;
}
