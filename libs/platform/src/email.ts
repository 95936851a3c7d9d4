import { z } from 'zod';
import { says } from './validation.js';

/**
 * One mailbox (RFC 5321 §4.1.2, without quoted local parts or literals). Refuses what turns one recipient into two or hides who it is:
 * lists, display names, control and bidirectional characters, mixed look-alikes outside ASCII in the local part.
 */
const MAILBOX = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/;

/** As typed, trimmed. Two spellings of one mailbox compare equal through `canonicalEmail`. */
export const emailAddress = z
  .string()
  .trim()
  .max(254)
  .refine((text) => MAILBOX.test(text) && !text.includes('..') && !text.startsWith('.') && !text.includes('.@'), says({ fr: 'Une seule adresse électronique, sans nom', en: 'One e-mail address, without a name' }));

/** For comparison only: lower case throughout. Sub-addressing (`+tag`) is kept: it may be another mailbox. */
export const canonicalEmail = (address: string): string => address.normalize('NFC').trim().toLowerCase();
