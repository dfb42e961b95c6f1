import {
  createSecureContext,
  getCACertificates,
  type SecureContext,
  type SecureVersion,
  setDefaultCACertificates,
} from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type MadeCertificates, makeCertificates } from './testing/certificates.ts';
import { closeAll, closeLater, harness } from './testing/delivery-harness.ts';
import { politeEhlo, startHostileSmtp, type Trick } from './testing/hostile-smtp.ts';
import { serverAt } from './testing/servers.ts';

// STARTTLS stripped, mangled, answered strangely; words injected around the start of TLS (CVE-2011-0411 and "Why TLS is
// better without STARTTLS", 2021); certificates of every bad kind; handshakes that go wrong; connections torn inside TLS.

let made: MadeCertificates;
let foreign: MadeCertificates;
const before = getCACertificates('default');
beforeAll(async () => {
  [made, foreign] = await Promise.all([makeCertificates(), makeCertificates()]);
  setDefaultCACertificates([...before, made.authorityPem]);
});
afterAll(() => setDefaultCACertificates(before));
afterEach(closeAll);

const user = 'somebody';
const password = 'geheim-wort';
const words = 'The-text-of-the-message';
const bytes = Buffer.from(`From: a@a.example\r\nSubject: hi\r\n\r\n${words}\r\n`);

type Outcome = 'accepted' | 'unsafe' | 'unreachable' | 'transient' | 'permanent' | 'uncertain';
type Row = readonly [name: string, trick: Trick | (() => Trick), outcome: Outcome, text?: RegExp];

/** Runs one trick and looks at every octet the server got, and at what the person is told. */
async function play(security: 'tls' | 'starttls', row: Row, pin: string | undefined): Promise<void> {
  const [, made_, outcome, text] = row;
  const given = typeof made_ === 'function' ? made_() : made_;
  const trick = { context: made.good.context, ...given };
  const server = await startHostileSmtp(trick, security);
  closeLater(() => server.close());
  const { run, attempts, recipients } = harness({ one: password });
  const endpoint = { port: server.port, security, host: 'localhost' };
  const pinned = pin === undefined ? endpoint : { ...endpoint, pinnedCertificateSha256: pin };
  const timeouts = { connectMs: 2000, greetingMs: 400, commandMs: 400, dataMs: 400, finalDotMs: 400 };
  await run([serverAt('one', [pinned], { auth: { method: 'auto', user }, timeouts })], ['b@b.example'], { bytes });
  const [attempt] = attempts;
  expect(attempt?.outcome, `${attempt?.stage}: ${attempt?.text}`).toBe(outcome);
  expect(attempts).toHaveLength(1);

  // Not an octet in clear but what has to be, and a TLS record after it.
  const clear = server.clear().toString('latin1');
  expect(clear).toMatch(
    /^(?:EHLO \[127\.0\.0\.1\]\r\n|EHLO client\.example\r\n)?(?:STARTTLS\r\n)?(?:\x16\x03[\s\S]*)?$/,
  );
  for (const secret of [password, btoa(password), btoa(`\0${user}\0${password}`), btoa(user), words, 'MAIL FROM']) {
    expect(clear).not.toContain(secret);
  }
  // Nothing that came before TLS was believed.
  const inside = server.inside.join('\n');
  expect(inside).not.toMatch(/AUTH (?:PLAIN|CRAM|XOAUTH2)/);
  expect(JSON.stringify(attempt?.stages.filter(({ stage }) => stage === 'ehlo'))).not.toContain('EVIL');
  if (outcome !== 'accepted' && outcome !== 'uncertain') expect(inside).not.toContain(words);
  if (outcome === 'unsafe') expect(inside).toBe('');
  if (outcome === 'accepted') expect(inside).toContain(words);
  const state = recipients.get('b@b.example')?.state ?? 'pending';
  expect(state).toBe(outcome === 'accepted' || outcome === 'uncertain' ? outcome : 'pending');

  // In words.
  expect(attempt?.text).toMatch(text ?? /\S{2,}/);
  expect(attempt?.meaning).toMatch(/^\S.{20,}\.$/);
  if (outcome === 'unsafe') expect(attempt?.meaning).toMatch(/TLS|certificate|secure/);
}

const ehloWith = (...lines: string[]): string =>
  ['mail.example', ...lines].map((line, at) => `250${at === lines.length ? ' ' : '-'}${line}\r\n`).join('');
const evil = '250-EVIL.example\r\n250 AUTH PLAIN\r\n';

/** STARTTLS is asked for whatever EHLO says, so that taking it out gains nothing. */
const announcements: Row[] = [
  ['is not announced', { ehlo: ehloWith('AUTH PLAIN LOGIN') }, 'accepted'],
  ['is not announced, and nothing else is', { ehlo: '250 mail.example\r\n' }, 'accepted'],
  ['is overwritten (XXXXXXXA)', { ehlo: ehloWith('XXXXXXXA', 'AUTH PLAIN') }, 'accepted'],
  ['is overwritten in part', { ehlo: ehloWith('STARTTLX') }, 'accepted'],
  ['has something behind it', { ehlo: ehloWith('STARTTLS EVIL') }, 'accepted'],
  ['is in small letters', { ehlo: ehloWith('starttls') }, 'accepted'],
  ['stands in the greeting only', { greeting: '220 mail.example STARTTLS\r\n', ehlo: ehloWith('SIZE 1') }, 'accepted'],
  ['is announced beside a size that would forbid the message', { ehlo: ehloWith('STARTTLS', 'SIZE 1') }, 'accepted'],
  ['is announced with other ways of signing in', { ehlo: ehloWith('STARTTLS', 'AUTH CRAM-MD5 PLAIN') }, 'accepted'],
  ['is announced by a reply in pieces', { ehlo: ['250-mail.ex', 'ample\r\n250', ' STARTTLS\r\n'] }, 'accepted'],
  ['is announced with bare line feeds', { ehlo: '250-mail.example\n250 STARTTLS\n' }, 'accepted'],
  [
    'is announced by many lines',
    { ehlo: ehloWith(...Array.from({ length: 200 }, () => 'X-EVIL'), 'STARTTLS') },
    'accepted',
  ],
  ['is asked for after EHLO was refused', { ehlo: '500 5.5.1 what\r\n' }, 'accepted'],
  ['is hidden behind a reply without end', { ehlo: '250-mail.example\r\n' }, 'unreachable'],
  ['is hidden behind an endless reply', { ehlo: `250-${'EVIL'.repeat(30_000)}\r\n` }, 'unreachable'],
  ['is hidden behind another protocol', { ehlo: 'HTTP/1.1 200 OK\r\n\r\n' }, 'unreachable'],
  ['is hidden behind a goodbye', { ehlo: '421 4.3.2 EVIL closing\r\n' }, 'transient', /closing/],
];

const answers: Row[] = [
  ['500', { startTls: '500 5.5.1 no such command\r\n' }, 'unsafe', /does not offer STARTTLS/],
  ['502', { startTls: '502 5.5.1 not implemented\r\n' }, 'unsafe', /not implemented/],
  ['503', { startTls: '503 5.5.1 not now\r\n' }, 'unsafe'],
  ['504', { startTls: '504 5.5.4 no parameter\r\n' }, 'unsafe'],
  ['530', { startTls: '530 5.7.0 sign in first\r\n' }, 'unsafe'],
  ['554', { startTls: '554 5.3.0 broken\r\n' }, 'unsafe'],
  ['454', { startTls: '454 4.7.0 TLS not available\r\n' }, 'unsafe', /TLS not available/],
  ['451', { startTls: '451 4.3.0 later\r\n' }, 'unsafe'],
  ['334, as if it were AUTH', { startTls: '334 VXNlcm5hbWU6\r\n' }, 'unsafe'],
  ['354, as if it were DATA', { startTls: '354 go on\r\n' }, 'unsafe'],
  ['100', { startTls: '100 EVIL\r\n' }, 'unsafe'],
  ['421', { startTls: '421 4.3.2 closing\r\n' }, 'transient'],
  ['a yes of another number, then TLS', { startTls: '250 2.0.0 fine\r\n' }, 'accepted'],
  ['a yes of several lines, then TLS', { startTls: '220-2.0.0 go\r\n220 ahead\r\n' }, 'accepted'],
  ['a yes in pieces, then TLS', { startTls: ['2', '20 go', ' ahead\r', '\n'] }, 'accepted'],
  ['a yes that ends as a no', { startTls: '220-go\r\n554 EVIL\r\n' }, 'unreachable', /does not speak SMTP/],
  ['the sign-in already accepted (235)', { startTls: '235 2.7.0 EVIL\r\n', next: 'clear' }, 'unsafe'],
  ['a yes that goes on in clear', { next: 'clear' }, 'unsafe'],
  ['a yes, and then nothing', { next: 'silence' }, 'unreachable', /did not finish/],
  ['a yes, and then the end', { next: 'drop' }, 'unsafe'],
  ['a yes, and then a reset', { next: 'reset' }, 'unsafe'],
  ['half a yes', { startTls: '220 go ah', next: 'drop' }, 'unreachable'],
  ['half a yes of several lines', { startTls: '220-go\r\n', next: 'drop' }, 'unreachable'],
  ['nonsense', { startTls: 'EVIL\r\n' }, 'unreachable'],
  ['an empty line', { startTls: '\r\n' }, 'unreachable'],
  ['a number of four digits', { startTls: '2200 EVIL\r\n' }, 'unreachable'],
];

/** RFC 3207 §6, CVE-2011-0411: whatever stands behind the yes was said in clear. */
const injected: Readonly<Record<string, string>> = {
  'a reply to EHLO': evil,
  'a greeting': '220 EVIL.example ESMTP\r\n',
  'a greeting and a reply to EHLO': `220 EVIL.example ESMTP\r\n${evil}`,
  'the whole dialogue': `${evil}235 2.7.0 EVIL\r\n250 EVIL\r\n250 EVIL\r\n354 EVIL\r\n250 EVIL\r\n`,
  'a refusal': '554 5.7.1 EVIL\r\n',
  'half a reply': '250-EVIL.example AUTH PL',
  'one octet': '2',
  'a line end': '\r\n',
  'a bare line feed': '\n',
  'a zero': '\0',
  'a long line': `250 ${'EVIL'.repeat(2000)}\r\n`,
  'the beginning of a TLS record': '\x16\x03\x03',
};
const injections: Row[] = Object.entries(injected).flatMap(([name, octets]): Row[] => [
  [`${name}, in the same segment`, { startTls: `220 2.0.0 go ahead\r\n${octets}` }, 'unsafe', /added words|TLS/],
  [`${name}, in the next segment`, { startTls: ['220 2.0.0 go ahead\r\n', octets] }, 'unsafe'],
  [`${name}, and then in clear`, { startTls: `220 2.0.0 go ahead\r\n${octets}`, next: 'clear' }, 'unsafe'],
]);

/** A greeting that answers what was not asked yet, as if the dialogue had been had ("pre-authenticated"). */
const greetings: Row[] = [
  ['brings a reply to EHLO along', { greeting: `220 mail.example\r\n${evil}` }, 'unreachable', /before it was asked/],
  ['brings a sign-in along', { greeting: '220 mail.example\r\n235 2.7.0 EVIL\r\n' }, 'unreachable'],
  [
    'brings the yes to STARTTLS along',
    { greeting: `220 mail.example\r\n${politeEhlo}220 go ahead\r\n` },
    'unreachable',
  ],
  ['brings a single octet along', { greeting: '220 mail.example\r\n2' }, 'unreachable'],
  ['says 235', { greeting: '235 2.7.0 EVIL\r\n' }, 'unreachable'],
  ['says 250', { greeting: '250 EVIL\r\n' }, 'unreachable'],
  ['says 554', { greeting: '554 5.3.2 no service\r\n' }, 'unreachable', /no service/],
  ['says 421', { greeting: '421 4.3.2 EVIL closing\r\n' }, 'transient'],
  ['speaks another protocol', { greeting: '* PREAUTH EVIL\r\n' }, 'unreachable', /does not speak SMTP/],
  ['comes in pieces', { greeting: ['22', '0 mail.example', '\r\n'] }, 'accepted'],
];

/** A server that would speak newer TLS with nobody. */
function oldTls(maxVersion: SecureVersion): SecureContext {
  return createSecureContext({ ...made.good.pem, minVersion: 'TLSv1', maxVersion, ciphers: 'ALL:@SECLEVEL=0' });
}

const bad = { octets: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') };
const alert = { octets: Buffer.from([0x15, 3, 3, 0, 2, 2, 40]) };
const halfHello = { octets: Buffer.from([0x16, 3, 3, 0, 80, 2, 0, 0, 76, 3, 3, 1, 2, 3]) };
const handshakes: Row[] = [
  ['does not speak TLS', { next: bad }, 'unsafe'],
  ['breaks it off with an alert', { next: alert }, 'unsafe'],
  ['says a sign-in was accepted', { next: { octets: Buffer.from('235 2.7.0 EVIL\r\n') } }, 'unsafe'],
  ['says nothing', { next: 'silence' }, 'unreachable', /did not finish/],
  ['hangs up', { next: 'drop' }, 'unsafe'],
  ['speaks no newer TLS than 1.0', () => ({ context: oldTls('TLSv1') }), 'unsafe'],
  ['speaks no newer TLS than 1.1', () => ({ context: oldTls('TLSv1.1') }), 'unsafe'],
];

const certificates: Row[] = [
  ['is out of date', () => ({ context: made.expired.context }), 'unsafe', /out of date/],
  ['is signed by itself', () => ({ context: made.selfSigned.context }), 'unsafe', /signed by nobody you trust/],
  ['is for another host', () => ({ context: made.wrongHost.context }), 'unsafe', /for another server/],
  ['is from an unknown issuer', () => ({ context: foreign.good.context }), 'unsafe', /not trusted/],
];

/** RFC 8446 §6.1: what was torn off is no reply, whether TLS ended in order or not. */
const torn: Row[] = (['close-notify', 'reset'] as const).flatMap((tornBy): Row[] => [
  [`in EHLO (${tornBy})`, { tornAt: 'EHLO', tornBy }, 'unreachable'],
  [`in AUTH (${tornBy})`, { tornAt: 'AUTH', tornBy }, 'unreachable'],
  [`after the password (${tornBy})`, { tornAt: 'PASSWORD', tornBy }, 'unreachable'],
  [`in MAIL (${tornBy})`, { tornAt: 'MAIL', tornBy }, 'unreachable'],
  [`in RCPT (${tornBy})`, { tornAt: 'RCPT', tornBy }, 'unreachable'],
  [`in DATA (${tornBy})`, { tornAt: 'DATA', tornBy }, 'unreachable'],
  [`after the final dot (${tornBy})`, { tornAt: 'DOT', tornBy }, 'uncertain'],
]);

const onBoth: [string, readonly Row[]][] = [
  ['the handshake', handshakes],
  ['the certificate', certificates],
  ['the connection is torn inside TLS,', torn],
];
const onStartTls: [string, readonly Row[]][] = [
  ['STARTTLS', announcements],
  ['the answer to STARTTLS is', answers],
  ['behind the yes stands', injections],
  ['the greeting', greetings],
];
const onTls: [string, readonly Row[]][] = [
  [
    'before TLS comes',
    [
      ['a greeting in clear', { greeting: '220 mail.example ESMTP\r\n' }, 'unsafe'],
      ['a whole dialogue in clear', { greeting: `220 EVIL\r\n${evil}235 EVIL\r\n` }, 'unsafe'],
      ['one octet', { greeting: '2' }, 'unsafe'],
      ['half a hello', { next: halfHello }, 'unreachable', /did not finish/],
      ['a reset', { next: 'reset' }, 'unreachable'],
    ],
  ],
  ['the connection is torn inside TLS,', [['in the greeting', { tornAt: 'GREETING' }, 'unreachable']]],
];

for (const [security, tables] of [
  ['starttls', [...onStartTls, ...onBoth]],
  ['tls', [...onTls, ...onBoth]],
] as const) {
  for (const [what, rows] of tables) {
    describe(`${security}: ${what}`, () => {
      it.each(rows.map((row) => [row[0], row] as const))('%s', (_name, row) => play(security, row, undefined));
    });
  }
  it(`${security}: a pinned certificate that changed ends it, a good one as well`, async () => {
    const row: Row = ['changed', {}, 'unsafe', /not the one you trusted/];
    await play(security, row, made.selfSigned.sha256);
    await play(
      security,
      ['the pinned one', () => ({ context: made.expired.context }), 'accepted'],
      made.expired.sha256,
    );
  });
}

it('is more than a hundred variants', () => {
  const count = (tables: [string, readonly Row[]][]): number => tables.reduce((sum, [, rows]) => sum + rows.length, 0);
  expect(count(onStartTls) + count(onTls) + 2 * count(onBoth)).toBeGreaterThan(100);
});
