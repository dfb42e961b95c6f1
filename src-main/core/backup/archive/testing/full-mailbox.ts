import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AccountId, FolderPath, IdentityId, LocationId, type MessageKey, OutboxId, ServerId } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { Flag } from '#shared/mail/message.ts';
import type { Attempt, OutboxRecord } from '#shared/mail/outbox.ts';
import { generatedMail } from '../../../incoming/testing/generated-mail.ts';
import type { FileRequest, Store } from '../../../store/store-api.ts';
import { keyOf, mail } from '../../../store/testing/store-fixture.ts';

const account = AccountId.parse('account-1');
const path = (text: string): FolderPath => FolderPath.parse(text);

/** Names that try a file system's patience. */
export const folderNames = [
  'Räksmörgås/日本語',
  'Entwürfe & mehr',
  'v1.2 notes',
  'Work',
  'work',
  'a/b/c',
  'مراسلات',
].map(path);
export const emptyFolder = path('Nothing in it/really');

const flagSets: Flag[][] = [
  [],
  ['seen'],
  ['flagged'],
  ['seen', 'answered'],
  ['draft', 'seen'],
  ['forwarded', 'seen', 'deleted'],
];

/** A mailbox with something of everything. Answers the keys by folder. */
export async function fillMailbox(store: Store, mailFolder: string, count = 60): Promise<MessageKey[]> {
  for (const name of [...folderNames, emptyFolder]) await store.createFolder(name);
  const places = [folder.inbox, folder.archive, ...folderNames];
  const requests = generatedMail(count).map((given, index): FileRequest => {
    const bytes = new Uint8Array(given);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const octets = bytes.length;
    return {
      folder: places[index % places.length] ?? folder.inbox,
      messageKey: keyOf(`message ${index}`, bytes),
      bytes,
      flags: flagSets[index % flagSets.length] ?? [],
      tags: index % 4 === 0 ? ['später', `tag ${index}`] : [],
      receivedAt: Date.UTC(2020, 0, 1) + index * 3_600_000 + 123,
      collected: {
        accountId: account,
        entry: {
          uniqueId: `uid-${index}`,
          octets,
          listedOctets: octets,
          sha256,
          collectedAt: index,
          isConfirmed: false,
        },
      },
    };
  });
  const keys = requests.map(({ messageKey }) => messageKey);
  await store.file(requests);
  const [first, second, third] = keys;
  if (first === undefined || second === undefined || third === undefined) throw new Error('Too few messages.');
  await store.move([first], folder.trash);
  await store.move([second, third], folder.junk);
  await store.destroy([third]);
  await store.recordUniqueIds(account, [seenOnly]);
  await fillOutbox(store);
  await store.putDeliveryMemory(
    [{ key: 'success:s1', kind: 'success', serverId: ServerId.parse('s1'), learnedAt: 5, expiresAt: null }],
    [],
  );
  await store.putNetwork({
    locationId: LocationId.parse('home'),
    gatewayAddress: '192.0.2.1',
    dnsSuffix: null,
    interfaceKind: 'wired',
    wifiName: null,
    firstSeenAt: 1,
    lastSeenAt: 2,
  });
  putForeignFiles(mailFolder);
  await store.rescan();
  return keys;
}

const seenOnly = {
  uniqueId: 'known to the server only',
  messageKey: null,
  octets: 0,
  listedOctets: 99,
  sha256: '',
  headerDigest: 'ab'.repeat(16),
  collectedAt: 7,
  isConfirmed: false,
  isRemovedHere: true,
};

/** So many messages more that only the server has. */
export function knowMore(store: Store, count: number): Promise<void> {
  const more = Array.from({ length: count }, (_, index) => ({ ...seenOnly, uniqueId: `on the server only ${index}` }));
  return store.recordUniqueIds(account, more);
}

/** As another program leaves them: names of its own, keywords as small letters, seen without any flag. */
function putForeignFiles(mailFolder: string): void {
  writeFileSync(join(mailFolder, 'cur', '1700000000.M1P2.host:2,FSab'), mail('from Dovecot'));
  writeFileSync(join(mailFolder, 'cur', '1700000001.M1P2.host,S=120:2,'), mail('unseen in cur'));
  writeFileSync(join(mailFolder, 'new', '1700000002.M1P2.host'), 'no header at all, \xff\xfe\r\n', 'latin1');
}

const outboxStates = ['queued', 'deferred', 'sending', 'dot-pending', 'failed', 'sent'] as const;

async function fillOutbox(store: Store): Promise<void> {
  for (const [index, state] of outboxStates.entries()) {
    const bytes = mail(`on its way: ${state}`);
    const messageKey = keyOf(`outbox ${state}`, bytes);
    const at = state === 'sent' ? folder.sent : folder.outbox;
    await store.file([{ folder: at, messageKey, bytes, flags: ['seen'], receivedAt: Date.UTC(2024, 0, 1 + index) }]);
    await store.putOutbox([outboxRecord(messageKey, state)]);
    if (state !== 'queued')
      await store.appendAttempts(OutboxId.parse(`out-${state}`), [attempt(index), attempt(index + 1)]);
  }
}

function outboxRecord(messageKey: MessageKey, state: (typeof outboxStates)[number]): OutboxRecord {
  const ends = { failed: 'refused', sent: 'accepted', 'dot-pending': 'dot-pending' } as const;
  const isEnd = state === 'failed' || state === 'sent' || state === 'dot-pending';
  return {
    outboxId: OutboxId.parse(`out-${state}`),
    messageKey,
    messageId: `<${state}@example.org>`,
    identityId: IdentityId.parse('i1'),
    reversePath: 'ann@example.com',
    subject: `on its way: ${state}`,
    sizeOctets: 100,
    recipients: [
      {
        mailbox: 'done@example.org',
        state: state === 'failed' ? 'refused' : 'accepted',
        serverId: ServerId.parse('s1'),
      },
      { mailbox: 'bob@example.org', state: isEnd ? ends[state] : 'pending' },
    ],
    state: state === 'dot-pending' ? 'sending' : state,
    ...(state === 'deferred' ? { dueAt: 1, wakesOn: 'network' as const } : {}),
    queuedAt: 1_700_000_000_000,
    deferrals: 1,
    skipped: [],
    delayNoticeSent: false,
    explanation: 'As it was.',
  };
}

function attempt(number: number): Attempt {
  return {
    serverId: ServerId.parse('s1'),
    serverLabel: 'Förste',
    endpoint: 'mail.example.org:587',
    stage: 'rcpt',
    outcome: 'transient',
    durationMs: number,
    startedAt: new Date(1_700_000_000_000 + number * 1000).toISOString(),
    stages: [],
    transcript: ['C: EHLO x', 'S: 250 x'],
    meaning: 'Later.',
  };
}
