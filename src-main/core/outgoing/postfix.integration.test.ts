import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hasPostfix, type Postfix, type PostfixOptions, startPostfix } from '../../../e2e/servers/postfix.ts';
import { createCertificate, type TestCertificate } from '../incoming/testing/certificates.ts';
import { isDovecotInstalled, startDovecot } from '../incoming/testing/dovecot.ts';
import { sessionsPerEndpoint } from './session-pool.ts';
import { closeAll, closeLater, harness } from './testing/delivery-harness.ts';
import { builtMessage, type OutboxHarness, openOutbox } from './testing/outbox-harness.ts';
import { serverAt } from './testing/servers.ts';

const isHere = await hasPostfix();
const friend = 'friend@away.test';

afterEach(closeAll);

async function postfixWith(options: PostfixOptions = {}): Promise<Postfix> {
  const postfix = await startPostfix(options);
  closeLater(() => postfix.stop());
  return postfix;
}

/** One without conditions, for every test; each has recipients of its own there. */
let plain: Postfix;
beforeAll(async () => {
  if (!isHere) return;
  const names = ['after-refusal', 'octets', 'friend', 'other', 'müller', 'after-size', 'after-password'];
  plain = await startPostfix({ mailboxes: [...names.map((name) => `${name}@away.test`), 'friend@xn--bcher-kva.test'] });
});
afterAll(async () => {
  if (isHere) await plain.stop();
});

/** How many clients have begun a message. */
async function begunAt(postfix: Postfix): Promise<number> {
  return (await postfix.log()).split('client=').length;
}

/** Waits until Postfix has put this many messages into the mailbox. */
async function arrived(postfix: Postfix, mailbox: string, count = 1): Promise<Buffer[]> {
  await expect
    .poll(async () => (await postfix.delivered(mailbox)).length, { timeout: 30_000, interval: 50 })
    .toBe(count);
  return postfix.delivered(mailbox);
}

/** What was sent, without what Postfix put in front, in the line ends of the wire. */
function asSent(delivered: Buffer, firstField: string): string {
  const text = delivered.toString('latin1').replaceAll('\n', '\r\n');
  return text.slice(text.indexOf(`\r\n${firstField}`) + 2);
}

async function openRoom(): Promise<OutboxHarness> {
  const outbox = await openOutbox();
  closeLater(() => outbox.remove());
  closeLater(() => outbox.shut());
  return outbox;
}

function messageWith(body: string, id = 'one'): Buffer {
  const head = `From: a@a.example\r\nTo: ${friend}\r\nSubject: hi\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\n`;
  return Buffer.from(`${head}Message-ID: <${id}@a.example>\r\n\r\n${body}`, 'latin1');
}

describe.skipIf(!isHere)('against Postfix', () => {
  it('goes to the next server when the first refuses the sender, and remembers it', async () => {
    const first = await postfixWith({ refuseSenders: ['a@a.example'] });
    const { run, attempts, lessons, recipients } = harness();
    const mailbox = 'after-refusal@away.test';
    await run([serverAt('first', [first.port]), serverAt('second', [plain.port])], [mailbox], {
      bytes: messageWith('text\r\n'),
    });
    expect(attempts.map(({ serverId, stage, outcome, replyCode }) => [serverId, stage, outcome, replyCode])).toEqual([
      ['first', 'mail', 'permanent', 550],
      ['second', 'final-dot', 'accepted', 250],
    ]);
    expect(lessons[0]).toMatchObject({ kind: 'refusal', remember: 'refused-sender' });
    expect(recipients.get(mailbox)).toMatchObject({ state: 'accepted', serverId: 'second' });
    await arrived(plain, mailbox);
  });

  it('delivers byte for byte what was built', async () => {
    const { run } = harness();
    const mailbox = 'octets@away.test';
    const bodies = [
      '.\r\n..\r\n.dot\r\n...\r\nend\r\n.\r\n',
      'caf\xe9 \x80\xff \xc3\xa4\r\n',
      `${'x'.repeat(998)}\r\n${'y'.repeat(5000)}\r\n${'.'.repeat(2048)}\r\n`,
      '',
      '\r\n\r\n',
      ' trailing \t\r\n\tFrom here\r\nFrom there\r\n',
      `${'a line of some length, many times over\r\n'.repeat(60_000)}.\r\n`,
    ];
    for (const [index, body] of bodies.entries()) {
      const bytes = messageWith(body, `m${index}`);
      const isEightBit = bytes.some((octet) => octet > 127);
      await run([serverAt('one', [plain.port])], [mailbox], { bytes, isEightBit });
    }
    const delivered = (await arrived(plain, mailbox, bodies.length)).map((bytes) => asSent(bytes, 'From: '));
    for (const [index, body] of bodies.entries()) {
      const wanted = messageWith(body, `m${index}`).toString('latin1');
      const got = delivered.find((text) => text.includes(`<m${index}@`));
      expect(got === wanted, `message ${index}`).toBe(true);
    }
  });

  it('records each recipient by its own reply', async () => {
    const { run, recipients, attempts } = harness();
    const to = [friend, 'nobody@away.test', 'other@away.test', 'far@elsewhere.test'];
    await run([serverAt('one', [plain.port])], to, { bytes: messageWith('text\r\n') });
    expect(to.map((mailbox) => recipients.get(mailbox)?.state)).toEqual(['accepted', 'refused', 'accepted', 'refused']);
    expect(recipients.get('nobody@away.test')).toMatchObject({ replyCode: 550, enhancedStatusCode: '5.1.1' });
    expect(attempts).toHaveLength(1);
    await arrived(plain, friend);
    await arrived(plain, 'other@away.test');
  });

  it('takes addresses outside ASCII: SMTPUTF8 for the local part, xn-- for the domain', async () => {
    const mailboxes = ['müller@away.test', 'friend@xn--bcher-kva.test'];
    const { run, recipients, attempts } = harness();
    await run([serverAt('one', [plain.port])], ['müller@away.test'], { bytes: messageWith('text\r\n') });
    await run([serverAt('one', [plain.port])], ['friend@bücher.test'], { bytes: messageWith('text\r\n', 'two') });
    expect([...recipients.values()].map(({ mailbox, state }) => [mailbox, state])).toEqual([
      ['müller@away.test', 'accepted'],
      ['friend@bücher.test', 'accepted'],
    ]);
    expect(attempts[0]?.transcript.find((line) => line.startsWith('C: MAIL'))).toContain('SMTPUTF8');
    expect(attempts[1]?.transcript.find((line) => line.startsWith('C: MAIL'))).not.toContain('SMTPUTF8');
    for (const mailbox of mailboxes) await arrived(plain, mailbox);
  });

  it('sends a hundred messages over few sessions, each once', async () => {
    const postfix = await postfixWith({ mailboxes: [friend] });
    const outbox = await openRoom();
    await outbox.addRelay(postfix.port);
    await outbox.addIdentity('a@a.example');
    for (let count = 0; count < 100; count += 1) {
      await outbox.outbox.enqueue(builtMessage([friend], { subject: `n${count}.` }), { identityId: null, undoMs: 0 });
    }
    await outbox.flush();
    const delivered = await arrived(postfix, friend, 100);
    const subjects = delivered.map((bytes) => /^Subject: (n\d+)\./m.exec(bytes.toString())?.[1]);
    expect(new Set(subjects).size).toBe(100);
    // One connection was the wait for Postfix to answer.
    const connections = (await postfix.log()).match(/smtpd\[\d+\]: connect from/g)?.length ?? 0;
    expect(connections).toBeGreaterThan(0);
    expect(connections).toBeLessThanOrEqual(1 + sessionsPerEndpoint);
    expect(outbox.faults).toEqual([]);
  });

  it('learns the size it takes, and does not offer it a second message that large', async () => {
    const small = await postfixWith({ mailboxes: ['after-size@away.test'], messageSizeLimit: 20_000 });
    const mailbox = 'after-size@away.test';
    const outbox = await openRoom();
    const smallId = await outbox.addRelay(small.port, { label: 'small' });
    await outbox.addRelay(plain.port, { label: 'large' });
    await outbox.addIdentity('a@a.example');
    for (const subject of ['first', 'second', 'short']) {
      const body = subject === 'short' ? 'short' : 'x'.repeat(70).concat('\r\n').repeat(600);
      const { outboxId } = await outbox.outbox.enqueue(builtMessage([mailbox], { subject, body }), {
        identityId: null,
        undoMs: 0,
      });
      await outbox.flush();
      const item = await outbox.handlers['outbox.get']({ outboxId });
      expect(item.state).toBe('sent');
      const tried = item.attempts.map(({ serverLabel, outcome }) => `${serverLabel} ${outcome}`);
      if (subject === 'first') expect(tried).toEqual(['small permanent', 'large accepted']);
      if (subject !== 'second') continue;
      expect(tried).toEqual(['large accepted']);
      expect(item.skipped).toMatchObject([{ serverId: smallId, reason: 'too-large' }]);
    }
    const memory = await outbox.handlers['server.memory']({});
    expect(memory.filter(({ kind }) => kind === 'refused-size')).toMatchObject([{ serverId: smallId }]);
    expect(outbox.faults).toEqual([]);
  });
});

describe.skipIf(!isHere)('Postfix with a certificate', () => {
  let certificate: TestCertificate;
  let folder: string;
  let secure: Postfix;
  const files = () => ({ keyFile: join(folder, 'key.pem'), certFile: join(folder, 'cert.pem') });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'postrider-postfix-tls-'));
    await chmod(folder, 0o755);
    certificate = await createCertificate({ commonName: 'relay.test', altNames: ['DNS:relay.test'] });
    await writeFile(files().keyFile, certificate.key, { mode: 0o600 });
    await writeFile(files().certFile, certificate.cert);
    secure = await startPostfix({ mailboxes: [friend], certificate: files() });
  });
  afterAll(async () => {
    await secure.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('sends by STARTTLS to the certificate that was pinned', async () => {
    const { run, attempts } = harness();
    const endpoint = { port: secure.port, security: 'starttls', pinnedCertificateSha256: certificate.sha256 };
    await run([serverAt('one', [endpoint])], [friend], { bytes: messageWith('text\r\n') });
    expect(attempts).toMatchObject([{ outcome: 'accepted' }]);
    const [delivered] = await arrived(secure, friend);
    expect(delivered?.toString()).toContain('with ESMTPS');
  });

  it.each([
    ['another certificate is pinned', { pinnedCertificateSha256: '0'.repeat(64) }, true],
    ['none is pinned and nobody vouches for it', {}, true],
    ['STARTTLS is not offered', {}, false],
  ])('sends nothing when %s', async (_what, more, withCertificate) => {
    const postfix = withCertificate ? secure : plain;
    const begun = await begunAt(postfix);
    const { run, attempts, recipients } = harness();
    await run([serverAt('one', [{ port: postfix.port, security: 'starttls', ...more }])], [friend]);
    expect(attempts).toMatchObject([{ outcome: 'unsafe', stage: 'tls' }]);
    expect(recipients.size).toBe(0);
    expect(await begunAt(postfix)).toBe(begun);
  });

  describe.skipIf(!isDovecotInstalled)('and Dovecot asking for a password', () => {
    const ends: (() => Promise<unknown>)[] = [];
    let asking: Postfix;

    beforeAll(async () => {
      const socketFolder = await mkdtemp(join(tmpdir(), 'postrider-sasl-'));
      ends.push(() => rm(socketFolder, { recursive: true, force: true }));
      await chmod(socketFolder, 0o755);
      const saslSocket = join(socketFolder, 'auth');
      const dovecot = await startDovecot({
        authMechanisms: 'plain login cram-md5',
        config: `service auth {\n  unix_listener ${saslSocket} {\n    mode = 0666\n  }\n}\n`,
      });
      ends.push(() => dovecot.stop());
      asking = await startPostfix({ mailboxes: [friend], certificate: files(), saslSocket });
      ends.push(() => asking.stop());
    });
    afterAll(async () => {
      for (const end of ends.reverse()) await end();
    });

    it('signs in by every method it offers', async () => {
      const { run, attempts } = harness({ one: 'secret' });
      const endpoint = { port: asking.port, security: 'starttls', pinnedCertificateSha256: certificate.sha256 };
      const methods = ['auto', 'plain', 'login', 'cram-md5'];
      for (const method of methods) {
        await run([serverAt('one', [endpoint], { auth: { method, user: 'anna' } })], [friend], {
          bytes: messageWith('text\r\n', method),
        });
      }
      expect(attempts.map(({ outcome }) => outcome)).toEqual(methods.map(() => 'accepted'));
      await arrived(asking, friend, methods.length);
      expect(await asking.log()).toMatch(/sasl_method=CRAM-MD5, sasl_username=anna/);
      expect(JSON.stringify(attempts)).not.toContain('secret');
    });

    it('goes on to the next server when the password is refused, and learns not to repeat it', async () => {
      const { run, attempts, lessons } = harness({ one: 'wrong' });
      const endpoint = { port: asking.port, security: 'starttls', pinnedCertificateSha256: certificate.sha256 };
      const first = serverAt('one', [endpoint], { auth: { method: 'auto', user: 'anna' } });
      await run([first, serverAt('two', [plain.port])], ['after-password@away.test'], {
        bytes: messageWith('text\r\n'),
      });
      expect(attempts.map(({ stage, outcome, replyCode }) => [stage, outcome, replyCode])).toEqual([
        ['auth', 'permanent', 535],
        ['final-dot', 'accepted', 250],
      ]);
      expect(lessons[0]).toMatchObject({ remember: 'auth-failed' });
    });

    it('says what is missing when nobody signs in', async () => {
      const { run, attempts } = harness();
      await run([serverAt('one', [asking.port])], [friend]);
      expect(attempts).toMatchObject([{ stage: 'mail', outcome: 'permanent' }]);
    });
  });
});

describe.skipIf(isHere)('without Postfix', () => {
  it.skip('Postfix is not installed, or this is not root: nothing was tried against it', () => undefined);
});
