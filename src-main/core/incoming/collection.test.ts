import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AccountId, type JobId } from '#shared/ids.ts';
import type { Job } from '#shared/job.ts';
import type { Secret } from '#shared/mail/endpoint.ts';
import { folder } from '#shared/mail/folder.ts';
import type { IncomingAccount } from '#shared/mail/incoming-account.ts';
import { ScannerSettings } from '#shared/mail/quarantine.ts';
import { Preferences, type Settings } from '#shared/mail/settings.ts';
import type { EventName, Payload } from '#shared/rpc/contract.ts';
import { createResources } from '../../host-node/resources.ts';
import { createJobRunner, type JobRunner } from '../jobs/job-runner.ts';
import { createTokenSource } from '../oauth-token.ts';

import { createPop3Server, type Pop3Server } from '../practice/pop3-server.ts';
import type { Store } from '../store/store-api.ts';
import { type Collection, type CollectionRooms, createCollection } from './collection.ts';
import { handClock } from './testing/hand-clock.ts';
import { accountAt, createMaildrop, message, realClock, type TestMaildrop } from './testing/maildrops.ts';
import { makeProfile, openRealStore } from './testing/real-store.ts';

const quietLog = { info: () => {}, warn: () => {}, error: () => {} };
const minute = 60_000;

let store: Store;
let jobs: JobRunner;
let collection: Collection;
let rooms: CollectionRooms;
let accounts: IncomingAccount[];
let secrets: Map<AccountId, Secret>;
let emitted: { name: EventName; payload: unknown }[];
let hand: ReturnType<typeof handClock>;
let changed: (() => void)[];
const ends: (() => Promise<unknown>)[] = [];

function settingsDouble(): CollectionRooms['settings'] {
  const current = (): Settings => ({
    version: 1,
    accounts,
    identities: [],
    servers: [],
    contacts: [],
    locations: [],
    preferences: Preferences.parse({}),
    rules: [],
    junk: { isEnabled: true, threshold: 0.95 },
    autoReplies: [],
    scanner: ScannerSettings.parse({}),
  });
  const unused = () => {
    throw new Error('Collecting does not need this.');
  };
  return {
    current,
    account: (id) => accounts.find((account) => account.id === id),
    changeMailRules: unused,
    followFolder: unused,
    followTag: unused,
    usesOfFolders: () => [],
    usesOfTag: () => [],
    accountSecret: async (id) => secrets.get(id),
    onChanged: (listener) => {
      const run = () => listener(current());
      changed.push(run);
      return () => changed.splice(changed.indexOf(run), 1);
    },
    problem: null,
    view: unused,
    server: unused,
    identity: unused,
    identityFor: unused,
    addAccount: unused,
    setAccount: unused,
    removeAccount: unused,
    addServer: unused,
    setServer: unused,
    removeServer: unused,
    reorderServers: unused,
    addIdentity: unused,
    setIdentity: unused,
    removeIdentity: unused,
    setPreferences: unused,
    putContact: unused,
    addContacts: unused,
    removeContact: unused,
    nameLocation: unused,
    forgetLocation: unused,
    restore: unused,
    serverSecret: unused,
  };
}

beforeEach(async () => {
  const { profileDir, remove } = await makeProfile();
  store = await openRealStore(profileDir);
  hand = handClock();
  jobs = createJobRunner(realClock, quietLog);
  accounts = [];
  secrets = new Map();
  emitted = [];
  changed = [];
  rooms = {
    clock: hand.clock,
    log: quietLog,
    emit: <E extends EventName>(name: E, payload: Payload<E>) => void emitted.push({ name, payload }),
    store,
    settings: settingsDouble(),
    jobs,
    tokenSourceFor: createTokenSource,
    resources: createResources(),
    inboxOf: (account) => account.folder ?? folder.inbox,
  };
  collection = createCollection(rooms);
  ends.push(
    remove,
    () => store.close(),
    () => collection.close(),
    () => jobs.close(),
  );
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function account(
  name: string,
  maildrop: TestMaildrop,
  patch: Record<string, unknown> = {},
): Promise<{ id: AccountId; server: Pop3Server }> {
  const server = await createPop3Server({ maildrop, user: 'anna', password: 'secret' });
  ends.push(() => server.close());
  const id = AccountId.parse(name);
  accounts.push({ ...accountAt(server.port, patch), id });
  secrets.set(id, 'secret');
  return { id, server };
}

async function finished(jobId: JobId): Promise<Job> {
  return jobs.finished(jobId);
}

const arrived = () => emitted.filter(({ name }) => name === 'mail.arrived').map(({ payload }) => payload);

describe('a job', () => {
  test('collects several accounts, tells what is new once, and reports each', async () => {
    const one = await account('one', createMaildrop([message('a'), message('b')]));
    const two = await account('two', createMaildrop([message('c')]), { folder: 'Work' });
    const job = await finished(collection.collect());
    expect(job.state).toMatchObject({
      kind: 'succeeded',
      summary: {
        kind: 'collect',
        accounts: [
          { accountId: one.id, retrieved: 2 },
          { accountId: two.id, retrieved: 1 },
        ],
      },
    });
    expect(arrived()).toHaveLength(2);
    expect(arrived()).toContainEqual({
      count: 1,
      messages: [expect.objectContaining({ subject: 'c', folder: 'Work' })],
    });
    await finished(collection.collect([one.id]));
    expect(arrived()).toHaveLength(2);
    expect(await collection.handlers['collect.status']({})).toMatchObject([
      { accountId: one.id, lastResult: 'Nothing new.' },
      { accountId: two.id, lastResult: '1 new message.' },
    ]);
  });

  test('what a crash left beside its beginning is put away before what came is judged and sorted', async () => {
    await account('one', createMaildrop([message('a')]));
    const order: string[] = [];
    const slow = Promise.withResolvers<void>();
    const other = createCollection({
      ...rooms,
      store: {
        ...store,
        async beginnings() {
          await slow.promise;
          order.push('put away');
          return [];
        },
      },
      afterFiling: async () => void order.push('judged'),
    });
    ends.push(() => other.close());
    const jobId = other.collect();
    await vi.waitFor(async () =>
      expect(await other.handlers['collect.status']({})).toMatchObject([{ lastResult: '1 new message.' }]),
    );
    expect(order).toEqual([]);
    slow.resolve();
    await finished(jobId);
    expect(order).toEqual(['put away', 'judged']);
  });

  test('an account that fails does not stop the others', async () => {
    const bad = await account('bad', createMaildrop([message('a')]));
    secrets.set(bad.id, 'wrong');
    const none = await account('none', createMaildrop([]));
    secrets.delete(none.id);
    await account('good', createMaildrop([message('b')]));
    const { state } = await finished(collection.collect());
    expect(state).toMatchObject({
      kind: 'succeeded',
      summary: { accounts: [{ error: { code: 'EAUTH' } }, { error: { code: 'ENEEDS_PASSWORD' } }, { retrieved: 1 }] },
    });
  });

  test('two jobs on one maildrop go one after the other', async () => {
    const { id, server } = await account('one', createMaildrop([message('a')]));
    const both = [collection.collect([id]), collection.collect([id])];
    const states = await Promise.all(both.map(async (jobId) => (await finished(jobId)).state));
    expect(states).toMatchObject([
      { summary: { accounts: [{ retrieved: 1, error: undefined }] } },
      { summary: { accounts: [{ retrieved: 0, error: undefined }] } },
    ]);
    expect(server.sessions).toHaveLength(2);
  });

  test('cancelled while the server says nothing', async () => {
    const { id, server } = await account('one', createMaildrop([message('a')]));
    await server.setFault('black-hole');
    const jobId = collection.collect([id]);
    await vi.waitFor(() => expect(jobs.list()[0]?.state.kind).toBe('running'));
    jobs.cancel(jobId);
    expect((await finished(jobId)).state).toEqual({ kind: 'cancelled' });
    await server.setFault('none');
    expect((await finished(collection.collect([id]))).state).toMatchObject({
      summary: { accounts: [{ retrieved: 1 }] },
    });
  });

  test('an account that is not there', () => {
    expect(() => collection.collect([AccountId.parse('gone')])).toThrow(expect.objectContaining({ code: 'ENOTFOUND' }));
  });
});

describe('the schedule', () => {
  const ended = (count: number) =>
    vi.waitFor(() => expect(jobs.list().filter(({ state }) => state.kind === 'succeeded')).toHaveLength(count));

  test('collects at start, then when the minutes are over', async () => {
    const { id } = await account('one', createMaildrop([message('a')]), { checkEveryMinutes: 5 });
    await account('never', createMaildrop([]), { checkEveryMinutes: 0 });
    collection.startSchedule();
    await ended(1);
    hand.advance(4 * minute);
    expect(jobs.list()).toHaveLength(1);
    hand.advance(minute);
    await ended(2);
    expect(jobs.list()[1]?.label).toBe('Test');
    const [status] = await collection.handlers['collect.status']({});
    expect(status).toMatchObject({ accountId: id, nextAt: new Date(hand.clock.now() + 5 * minute).toISOString() });
  });

  test('a refused password is not tried again until the settings change', async () => {
    const { id, server } = await account('one', createMaildrop([]), { checkEveryMinutes: 5 });
    secrets.set(id, 'wrong');
    collection.startSchedule();
    await ended(1);
    for (let count = 0; count < 10; count += 1) hand.advance(5 * minute);
    expect(server.sessions).toHaveLength(1);
    expect(await collection.handlers['collect.status']({})).toMatchObject([{ nextAt: null }]);
    secrets.set(id, 'secret');
    for (const run of changed) run();
    hand.advance(5 * minute);
    await ended(2);
    expect(await collection.handlers['collect.status']({})).toMatchObject([{ lastResult: 'Nothing new.' }]);
  });
});

describe('check.account', () => {
  async function check(port: number, patch: Record<string, unknown> = {}): Promise<Job['state']> {
    const { id: _id, ...input } = accountAt(port);
    const { jobId } = await collection.handlers['check.account']({ account: { ...input, secret: 'secret', ...patch } });
    return (await finished(jobId)).state;
  }

  test('walks the steps and tells what is there', async () => {
    const { server } = await account('one', createMaildrop([message('a'), message('b')]));
    expect(await check(server.port)).toMatchObject({
      kind: 'succeeded',
      summary: {
        kind: 'check',
        ok: true,
        verdict: 'It works. 2 messages on the server, 52 bytes.',
        endpoints: [
          {
            steps: ['resolve', 'connect', 'greeting', 'capabilities', 'auth', 'maildrop'].map((stage) => ({
              stage,
              outcome: 'ok',
            })),
          },
        ],
        advice: [],
      },
    });
    const progress = emitted.filter(({ name }) => name === 'check.progress');
    expect(progress.length).toBeGreaterThanOrEqual(12);
    expect(JSON.stringify(emitted)).not.toContain('secret');
  });

  test('a wrong password: the step that failed, in the server’s own words', async () => {
    const { server } = await account('one', createMaildrop([]));
    const state = await check(server.port, { secret: 'wrong' });
    expect(state).toMatchObject({ summary: { ok: false, endpoints: [{ error: { code: 'EAUTH' } }], advice: [] } });
    expect(state).toMatchObject({
      summary: {
        endpoints: [
          {
            steps: expect.arrayContaining([
              expect.objectContaining({ stage: 'auth', outcome: 'failed', server: expect.stringContaining('[AUTH]') }),
            ]),
          },
        ],
      },
    });
  });

  test('no password at all', async () => {
    const { server } = await account('one', createMaildrop([]));
    expect(await check(server.port, { secret: undefined })).toMatchObject({
      summary: {
        ok: false,
        endpoints: [
          { error: { code: 'ENEEDS_PASSWORD' }, steps: [{ stage: 'resolve' }, { stage: 'auth', outcome: 'failed' }] },
        ],
      },
    });
  });

  test('unknown host and STARTTLS missing', async () => {
    expect(await check(110, { host: 'nowhere.invalid' })).toMatchObject({
      summary: {
        ok: false,
        endpoints: [{ error: { code: 'EUNKNOWNHOST' }, steps: [{ stage: 'resolve', outcome: 'failed' }] }],
      },
    });
    const { server } = await account('one', createMaildrop([]));
    expect(await check(server.port, { security: 'starttls' })).toMatchObject({
      summary: { ok: false, endpoints: [{ error: { code: 'ENOSTARTTLS' } }] },
    });
  });
});
