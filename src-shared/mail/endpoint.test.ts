import { expect, it } from 'vitest';
import { EndpointInput } from './endpoint.ts';
import { AccountInput } from './incoming-account.ts';
import { ServerInput } from './outgoing-server.ts';

const plain = 'a1b2c3d4e5f60718293a4b5c6d7e8f900112233445566778899aabbccddeeff0';
const pairs = plain.match(/../g) ?? [];

const forms = {
  'as it is kept': plain,
  'in capitals': plain.toUpperCase(),
  'of openssl 3': `sha256 Fingerprint=${pairs.join(':').toUpperCase()}`,
  'of openssl 1': `SHA256 Fingerprint=${pairs.join(':').toUpperCase()}\n`,
  'of Firefox': pairs.join(':').toUpperCase(),
  'of Safari and Windows': pairs.join(' ').toUpperCase(),
  'over two lines': `${pairs.slice(0, 16).join(' ')}\r\n${pairs.slice(16).join(' ')}`,
  'with its name': `SHA-256: ${pairs.join(':')}`,
};

it.each(Object.entries(forms))(
  'takes a fingerprint %s, wherever one is given, and keeps one form of it',
  (_, given) => {
    const endpoint = { host: 'mail.example.com', port: 993, security: 'tls', pinnedCertificateSha256: given };
    expect(EndpointInput.parse(endpoint).pinnedCertificateSha256).toBe(plain);
    const account = AccountInput.parse({ ...endpoint, label: 'Mail', user: 'anna' });
    expect(account.pinnedCertificateSha256).toBe(plain);
    const server = ServerInput.parse({ label: 'Out', endpoints: [endpoint] });
    expect(server.endpoints[0]?.pinnedCertificateSha256).toBe(plain);
  },
);

it.each(['', plain.slice(1), `${plain}0`, plain.replace('a', 'g'), `MD5 Fingerprint=${plain}`, `sha1 ${plain}`])(
  'does not take “%s”',
  (given) => {
    const endpoint = { host: 'h', port: 1, security: 'tls', pinnedCertificateSha256: given };
    expect(EndpointInput.safeParse(endpoint).error?.issues[0]?.message).toBe('A SHA-256 fingerprint is 64 hex digits.');
  },
);
