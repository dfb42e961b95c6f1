// How fast the store takes mail: files N messages durably in batches while the main thread keeps working, then lists and searches.
// node bench/store-file.ts [messages=10000] [octets=80000] [batch=100] [calls under way=2]
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { FolderPath, MessageKey } from '#shared/ids.ts';
import { openStore } from '../src-main/core/store/open-store.ts';
import type { FileRequest } from '../src-main/core/store/store-api.ts';

const [messages = 10_000, octets = 80_000, batch = 100, underWay = 2] = process.argv.slice(2).map(Number);
const inbox = FolderPath.parse('Inbox');
const home = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'postrider-bench-'));
const vocabulary = Array.from({ length: 20_000 }, (_, at) =>
  createHash('md5')
    .update(String(at))
    .digest('base64url')
    .slice(0, 4 + (at % 7)),
);
const attachment = randomBytes(octets).toString('base64').replace(/.{76}/g, '$&\r\n');

function words(count: number, seed: number): string {
  let state = seed * 2_654_435_761;
  let out = '';
  for (let at = 0; at < count; at++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    // Squared: some words are common, most are rare, as in speech.
    const rank = (state / 2_147_483_648) ** 2;
    out += vocabulary[Math.floor(rank * vocabulary.length)] + (at % 12 === 11 ? '\r\n' : ' ');
  }
  return out;
}

function message(number: number): Uint8Array<ArrayBuffer> {
  const date = new Date(1_600_000_000_000 + number * 600_000).toUTCString();
  const head = `From: Person ${number % 500} <p${number % 500}@example.com>\r\nTo: me@example.org\r\nSubject: ${words(5, number)}\r\nDate: ${date}\r\nMessage-ID: <${number}@bench>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n`;
  const text = `--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${words(300, number)} unique${number}x\r\n`;
  const file = `--b\r\nContent-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n`;
  const rest = Math.max(0, octets - head.length - text.length - file.length - 12);
  return new Uint8Array(
    Buffer.from(`${head}${text}${octets > 8000 ? file + attachment.slice(0, rest) : ''}\r\n--b--\r\n`),
  );
}

function request(number: number): FileRequest {
  const bytes = message(number);
  const digest = createHash('sha256').update(bytes).digest('hex');
  const key = createHash('md5').update(`u${number}`).digest('hex');
  return { folder: inbox, messageKey: MessageKey.parse(`${key}-${digest.slice(0, 16)}`), bytes, flags: [] };
}

const log = { info: () => {}, warn: console.warn, error: console.error };
const store = await openStore({
  profileDir: join(home, 'profile'),
  mailFolder: join(home, 'Mail'),
  workerUrl: new URL('../src-main/core/workers/store-worker.ts', import.meta.url),
  log,
});

const time = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  const start = performance.now();
  const result = await work();
  console.log(`${name.padEnd(58)} ${(performance.now() - start).toFixed(1).padStart(9)} ms`);
  return result;
};

let making = 0;
await time(`file ${messages} messages of ${octets} octets, durable, listed`, async () => {
  const calls = new Set<Promise<unknown>>();
  for (let at = 0; at < messages; at += batch) {
    const begun = performance.now();
    const requests = Array.from({ length: Math.min(batch, messages - at) }, (_, offset) => request(at + offset));
    making += performance.now() - begun;
    const call = store.file(requests).finally(() => calls.delete(call));
    calls.add(call);
    if (calls.size >= underWay) await Promise.race(calls);
  }
  await Promise.all(calls);
});
console.log(`${'of which making and hashing the messages here'.padEnd(58)} ${making.toFixed(1).padStart(9)} ms`);
await time('until every word is findable', () => store.search({ query: 'unique1x', offset: 0, limit: 50 }));
for (const offset of [0, Math.floor(messages / 2), messages - 50])
  await time(`list 50 at ${offset}`, () => store.listMessages({ folder: inbox, offset, limit: 50 }));
for (const query of [
  'unique77x',
  vocabulary[0] ?? '',
  vocabulary[10_000] ?? '',
  `${vocabulary[0]} ${vocabulary[3]}`,
  'person',
  'me@example.org',
  'un',
])
  await time(`search ${query}`, () => store.search({ query, offset: 0, limit: 50 }));
await time('search person in Inbox', () => store.search({ query: 'person', folder: inbox, offset: 0, limit: 50 }));
await time('addresses beginning with p4', () => store.knownAddresses('p4', 8));
const keys = await time('all keys', () => store.listKeys(inbox));
await time('1,000 messages marked read', () => store.setFlags(keys.slice(0, 1000), ['seen'], []));
await time('100 single calls to mark read, concurrent', () =>
  Promise.all(keys.slice(1000, 1100).map((key) => store.setFlags([key], ['seen'], []))),
);
await time('close', () => store.close());
const again = await time('open again', () =>
  openStore({
    profileDir: join(home, 'profile'),
    mailFolder: join(home, 'Mail'),
    workerUrl: new URL('../src-main/core/workers/store-worker.ts', import.meta.url),
    log,
  }),
);
await time('first page', () => again.listMessages({ folder: inbox, offset: 0, limit: 50 }));
await again.close();
rmSync(home, { recursive: true });
