import { isIP } from 'node:net';
import { z } from 'zod';

/** Comma-separated addresses or CIDR ranges. */
export const addressRanges = z
  .string()
  .transform((text) => text.split(',').map((range) => range.trim()).filter((range) => range !== ''))
  .refine((ranges) => ranges.every(isRange), { error: 'addresses or CIDR ranges' });

function isRange(range: string): boolean {
  const [address = '', length, ...more] = range.split('/');
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  return bits > 0 && more.length === 0 && (length === undefined || (/^\d{1,3}$/.test(length) && Number(length) > 0 && Number(length) <= bits));
}

/** Who is counted as one client: an IPv4 address, or the /64 that an IPv6 host may choose its address in. */
export function clientOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = address.split('%', 1)[0]!.split('::');
  const before = groups(head);
  const after = groups(tail ?? '');
  const zeros = tail === undefined ? [] : new Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':');
}

/** Of one side of `::`; a dotted end stands for two groups. */
const groups = (text: string): string[] => (text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group])));
