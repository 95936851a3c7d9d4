import { describe, expect, it } from '@jest/globals';
import { addressRanges, clientOf } from './client-address.js';

describe('who is one client', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:0001:2::1', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0'],
  ])('%s is %s', (address, client) => {
    expect(clientOf(address)).toBe(client);
  });
});

describe('the list of trusted proxies', () => {
  it('takes addresses and ranges', () => {
    expect(addressRanges.parse('10.0.0.0/8, 2001:db8::/32,192.0.2.1')).toEqual(['10.0.0.0/8', '2001:db8::/32', '192.0.2.1']);
    expect(addressRanges.parse('')).toEqual([]);
  });

  it.each(['0.0.0.0/0', '10.0.0.0/33', 'proxy.example.org', '10.0.0.0/8/8', '::/0', '2001:db8::/129', 'true'])('refuses %s', (range) => {
    expect(addressRanges.safeParse(range).success).toBe(false);
  });
});
