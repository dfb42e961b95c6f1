import { afterEach, describe, expect, test } from 'vitest';
import type { CollectedAccount } from '#shared/job.ts';
import type { Store } from '../store/store-api.ts';
import { collectMaildrop } from './collect-maildrop.ts';
import { openPop3Session } from './pop3-session.ts';
import { type Dovecot, isDovecotInstalled, startDovecot } from './testing/dovecot.ts';
import { corpusMail, generatedMail, hasCorpus } from './testing/generated-mail.ts';
import { accountAt, realClock, sha256 } from './testing/maildrops.ts';
import { retrieveRaw } from './testing/raw-retrieve.ts';
import { filesOfInbox, makeProfile, openRealStore } from './testing/real-store.ts';

const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function dovecotWith(messages: readonly Uint8Array[], options = {}): Promise<Dovecot> {
  const dovecot = await startDovecot(options);
  ends.push(() => dovecot.stop());
  for (const bytes of messages) await dovecot.deliver('anna', bytes);
  return dovecot;
}

async function profile(): Promise<{ profileDir: string; store: Store }> {
  const { profileDir, remove } = await makeProfile();
  ends.push(remove);
  const store = await openRealStore(profileDir);
  ends.push(() => store.close());
  return { profileDir, store };
}

function collect(dovecot: Dovecot, store: Store, patch: Record<string, unknown> = {}): Promise<CollectedAccount> {
  return collectMaildrop({
    account: accountAt(dovecot.port, patch),
    credentials: { user: 'anna', secret: 'secret', auth: 'auto' },
    store,
    clock: realClock,
    signal: new AbortController().signal,
  });
}

const deletes = { retention: { kind: 'delete' } };
const digests = (all: readonly { bytes: Uint8Array }[]) => all.map(({ bytes }) => sha256(bytes)).sort();

describe.skipIf(!isDovecotInstalled)('against Dovecot', () => {
  test.each(['none', 'starttls', 'tls'] as const)('every way to sign in, security %s', async (security) => {
    const dovecot = await dovecotWith([], { authMechanisms: 'plain login cram-md5 apop' });
    const port = security === 'tls' ? dovecot.tlsPort : dovecot.port;
    const pinnedCertificateSha256 = security === 'none' ? undefined : dovecot.certificate.sha256;
    for (const auth of ['auto', 'user-pass', 'apop', 'plain', 'login', 'cram-md5'] as const) {
      const open = (secret: string) =>
        openPop3Session({
          endpoint: { host: '127.0.0.1', port, security, pinnedCertificateSha256 },
          credentials: { user: 'anna', secret, auth },
          clock: realClock,
          signal: new AbortController().signal,
        });
      const session = await open('secret');
      expect(session.capabilities).toMatchObject({ pipelining: true, uidl: true, top: true });
      expect(await session.stat()).toEqual({ messages: 0, octets: 0 });
      await session.noop();
      await session.reset();
      await session.quit();
      // Dovecot takes its time over a wrong password, so it is tried once; it is the same whatever the security.
      if (auth === 'auto' && security === 'tls') await expect(open('wrong')).rejects.toMatchObject({ code: 'EAUTH' });
    }
  });

  test('the maildrop is held by another session', async () => {
    const dovecot = await dovecotWith([]);
    const session = await openPop3Session({
      endpoint: { host: '127.0.0.1', port: dovecot.port, security: 'none' },
      credentials: { user: 'anna', secret: 'secret', auth: 'auto' },
      clock: realClock,
      signal: new AbortController().signal,
    });
    const { store } = await profile();
    expect(await collect(dovecot, store)).toMatchObject({ error: { code: 'EIN_USE' } });
    await session.quit();
  });

  if (!hasCorpus) test.skip('the corpus is not here: only generated mail is collected', () => {});

  test('1,000 messages stored byte for byte as the server sent them, left and then deleted', async () => {
    const corpus = hasCorpus ? corpusMail() : [];
    const dovecot = await dovecotWith([...corpus, ...generatedMail(1000 - corpus.length)]);
    const sent = await retrieveRaw(dovecot.port, 'anna', 'secret');
    expect(sent).toHaveLength(1000);
    const wanted = sent.map(sha256).sort();

    const left = await profile();
    expect(await collect(dovecot, left.store)).toMatchObject({ retrieved: 1000, left: 1000, deleted: 0, failed: [] });
    expect(digests(await filesOfInbox(left.profileDir))).toEqual(wanted);
    expect(await collect(dovecot, left.store)).toMatchObject({ retrieved: 0, left: 1000 });
    expect((await dovecot.files('anna')).size).toBe(1000);

    const emptied = await profile();
    const first = await collect(dovecot, emptied.store, deletes);
    expect(first).toMatchObject({ retrieved: 1000, failed: [], error: undefined });
    // A message that came shorter than listed needs a second look before it is deleted.
    const second = await collect(dovecot, emptied.store, deletes);
    expect(first.deleted + second.deleted).toBe(1000);
    expect((await dovecot.files('anna')).size).toBe(0);
    expect(digests(await filesOfInbox(emptied.profileDir))).toEqual(wanted);
    expect((await emptied.store.checkIndex()).problems).toEqual([]);
  });

  test('30 MB', async () => {
    const body = Buffer.alloc(30_000_000, `${'0123456789abcdef'.repeat(4)}\r\n`);
    const bytes = Buffer.concat([Buffer.from('Subject: large\r\n\r\n'), body, Buffer.from('\r\n')]);
    const dovecot = await dovecotWith([bytes]);
    const { profileDir, store } = await profile();
    expect(await collect(dovecot, store, deletes)).toMatchObject({ retrieved: 1, deleted: 1 });
    expect(digests(await filesOfInbox(profileDir))).toEqual([sha256(bytes)]);
  });
});
