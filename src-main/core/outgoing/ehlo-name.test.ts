import { describe, expect, it } from 'vitest';
import { ehloNameFor } from './ehlo-name.ts';

const v4 = { localAddress: '192.0.2.7', localFamily: 'IPv4' };

describe('what we call ourselves', () => {
  it.each([
    ['the name the user set, to anybody', { ehloName: 'me.example', kind: 'direct-mx' as const }, v4, 'me.example'],
    ['nothing of this machine to a relay', { kind: 'relay' as const }, v4, '[127.0.0.1]'],
    ['the address of the connection to receiving servers', { kind: 'direct-mx' as const }, v4, '[192.0.2.7]'],
    [
      'an IPv6 address with its tag and without its zone',
      { kind: 'direct-mx' as const },
      { localAddress: 'fe80::1%eth0', localFamily: 'IPv6' },
      '[IPv6:fe80::1]',
    ],
    [
      'an IPv4 address in IPv6 clothes as what it is',
      { kind: 'direct-mx' as const },
      { localAddress: '::ffff:192.0.2.7', localFamily: 'IPv6' },
      '[192.0.2.7]',
    ],
    [
      'nothing of this machine through a proxy',
      { kind: 'direct-mx' as const, proxy: { kind: 'socks5' as const, host: 'p', port: 1080 } },
      v4,
      '[127.0.0.1]',
    ],
    ['no address of a dead connection', { kind: 'direct-mx' as const }, {}, '[127.0.0.1]'],
  ])('is %s', (_what, server, socket, name) => {
    expect(ehloNameFor(server, socket)).toBe(name);
  });
});
