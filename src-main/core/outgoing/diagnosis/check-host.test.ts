import { describe, expect, it } from 'vitest';
import { endpointName } from '#shared/mail/endpoint.ts';
import { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import { hostToCheck } from './check-host.ts';

const pin = 'a'.repeat(64);
const parse = (fields: object) => OutgoingServer.parse({ auth: { method: 'none' }, ...fields });
const work = parse({
  id: 'w1',
  label: 'My Work',
  ehloName: 'laptop.example',
  proxy: { kind: 'socks5', host: 'proxy.example', port: 1080 },
  endpoints: [
    { host: 'smtp.work.example', port: 25, security: 'none' },
    { host: 'smtp.work.example', port: 587, security: 'starttls', pinnedCertificateSha256: pin },
  ],
});
const encrypted = parse({
  id: 'e1',
  label: 'Encrypted',
  endpoints: [{ host: 'smtp.work.example', port: 25, security: 'starttls' }],
});
const direct = parse({ id: 'd1', label: 'Straight', kind: 'direct-mx', endpoints: [] });
const servers = [work, encrypted, direct];
const shown = (asked: Parameters<typeof hostToCheck>[0]) => {
  const { server, saved, chosen } = hostToCheck(asked, servers);
  return {
    saved: saved?.id,
    endpoints: server.endpoints.map((at) => `${endpointName(at)} ${at.security}`),
    chosen: chosen.map(endpointName),
  };
};

describe('what a look at a host is about', () => {
  it('is no host with its port, and an address without its brackets', () => {
    expect(() => shown({ host: 'mail.new.example:25' })).toThrow(/no host name/);
    expect(shown({ host: '[::1]', ports: [25] }).endpoints).toEqual(['[::1]:25 starttls']);
  });

  it('is the usual ports of a host nobody set up', () => {
    expect(shown({ host: 'mail.new.example' })).toEqual({
      saved: undefined,
      endpoints: [
        'mail.new.example:465 tls',
        'mail.new.example:587 starttls',
        'mail.new.example:2525 starttls',
        'mail.new.example:25 starttls',
      ],
      chosen: [],
    });
  });

  it('is the ports named, as they are usually secured, or as asked', () => {
    expect(shown({ host: '2001:db8::1', ports: [25, 26, 465] }).endpoints).toEqual([
      '[2001:db8::1]:25 starttls',
      '[2001:db8::1]:26 none',
      '[2001:db8::1]:465 tls',
    ]);
    expect(shown({ host: 'h.example', ports: [25], security: 'none' })).toMatchObject({
      endpoints: ['h.example:25 none'],
      chosen: ['h.example:25'],
    });
  });

  it.each(['w1', 'my work', 'My Work'])('is a saved server’s own endpoints: %s', (host) => {
    const { server } = hostToCheck({ host }, servers);
    expect(shown({ host })).toMatchObject({ saved: 'w1', chosen: ['smtp.work.example:25', 'smtp.work.example:587'] });
    expect(server).toMatchObject({
      ehloName: 'laptop.example',
      proxy: { host: 'proxy.example' },
      endpoints: work.endpoints,
      auth: { method: 'none' },
    });
  });

  it('is a saved server’s own endpoints among the usual ones when its host is named', () => {
    expect(shown({ host: 'SMTP.work.example' })).toEqual({
      saved: 'w1',
      endpoints: [
        'smtp.work.example:25 none',
        'smtp.work.example:587 starttls',
        'smtp.work.example:465 tls',
        'smtp.work.example:2525 starttls',
      ],
      chosen: ['smtp.work.example:25', 'smtp.work.example:587'],
    });
  });

  it('is the saved server that fits best what is asked', () => {
    expect(shown({ host: 'smtp.work.example', ports: [25], security: 'starttls' }).saved).toBe('e1');
    expect(shown({ host: 'smtp.work.example', ports: [25], security: 'none' })).toEqual({
      saved: 'w1',
      endpoints: ['smtp.work.example:25 none'],
      chosen: ['smtp.work.example:25'],
    });
  });

  it.each(['two words', '', 'a/b', 'x@y', 'Straight', 'd1'])('is nothing: %j', (host) => {
    expect(() => hostToCheck({ host }, servers)).toThrow(expect.objectContaining({ code: 'EINVALID' }));
  });
});
