// Sends COUNT small messages through 127.0.0.1:PORT with the least a durable outbox can do, in one thread and without a
// mail client around it: each message is read from its file, written, synced and named in Outbox, recorded in a database
// (one commit for all that came in a turn), noted durably before its last octets leave, and renamed into Sent with a
// second commit. Prints as JSON the seconds it took: what the machine asks of any outbox that keeps these promises.
// Arguments: DIR PORT COUNT.
import {
  close,
  fdatasync,
  fsync,
  mkdirSync,
  open,
  openSync,
  readFile,
  rename,
  write,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { widenThreadPool } from '../src-main/host-node/thread-pool.ts';
import { smallMessage } from './small-message.ts';

widenThreadPool();
const [dir = '', port = '', count = ''] = process.argv.slice(2);
const total = Number(count);
const from = join(dir, 'to-send');
const tmp = join(dir, 'tmp');
const outbox = join(dir, 'outbox');
const sent = join(dir, 'sent');
for (const each of [from, tmp, outbox, sent]) mkdirSync(each, { recursive: true });
for (let index = 0; index < total; index += 1) writeFileSync(join(from, `${index}.eml`), smallMessage(index));

const database = new DatabaseSync(join(dir, 'ledger.sqlite'));
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0');
database.exec('CREATE TABLE outbox (id INTEGER PRIMARY KEY, state TEXT, record TEXT)');
const insert = database.prepare('INSERT INTO outbox VALUES (?, ?, ?)');
const update = database.prepare('UPDATE outbox SET state = ? WHERE id = ?');
const notes = openSync(join(dir, 'notes'), 'w');
const outboxFolder = openSync(outbox, 'r');
const sentFolder = openSync(sent, 'r');

const [read, opened, written, synced, dataSynced, closed, renamed] = [
  promisify(readFile),
  promisify(open),
  promisify(write),
  promisify(fsync),
  promisify(fdatasync),
  promisify(close),
  promisify(rename),
];

/** One `work` at a time for everybody who asked before it began. */
function batched<T>(work: (items: T[]) => Promise<void> | void): (item: T) => Promise<void> {
  let waiting: T[] = [];
  let next: Promise<void> | undefined;
  let current: Promise<void> = Promise.resolve();
  const run = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    const items = waiting;
    waiting = [];
    next = undefined;
    await work(items);
  };
  return (item) => {
    waiting.push(item);
    next ??= current.then(run);
    current = next;
    return next;
  };
}

function commit(change: () => void): void {
  database.exec('BEGIN');
  change();
  database.exec('COMMIT');
}

const record = batched<{ id: number; text: string }>(async (items) => {
  await synced(outboxFolder);
  commit(() => {
    for (const { id, text } of items) insert.run(id, 'queued', text);
  });
});
const note = batched<number>(async (items) => {
  for (const id of items) writeSync(notes, String(id).padEnd(4096), (id % 64) * 4096);
  await dataSynced(notes);
});
const file = batched<number>(async (items) => {
  await Promise.all(items.map((id) => renamed(join(outbox, `${id}`), join(sent, `${id}:2,S`))));
  await synced(sentFolder);
  commit(() => {
    for (const id of items) update.run('sent', id);
  });
});

interface Session {
  say(octets: string | Uint8Array, replies: number): Promise<void>;
}

async function session(): Promise<Session> {
  const socket: Socket = connect(Number(port), '127.0.0.1');
  socket.setNoDelay(true);
  let wanted = 1;
  let resolve: () => void = () => undefined;
  socket.on('data', (data) => {
    for (const line of data.toString('latin1').split('\r\n')) if (/^\d{3} /.test(line)) wanted -= 1;
    if (wanted <= 0) resolve();
  });
  const heard = (replies: number): Promise<void> =>
    new Promise((done) => {
      wanted = replies;
      resolve = done;
    });
  await heard(1);
  const say = (octets: string | Uint8Array, replies: number): Promise<void> => {
    const answer = heard(replies);
    socket.write(octets);
    return answer;
  };
  await say('EHLO bench.example\r\n', 1);
  return { say };
}

const begin = performance.now();
const sessions = await Promise.all(Array.from({ length: 5 }, session));
const waiting: ((session: Session) => void)[] = [];
const lane = async (): Promise<Session> => sessions.pop() ?? new Promise((resolve) => waiting.push(resolve));
const free = (own: Session): void => {
  const next = waiting.shift();
  if (next === undefined) sessions.push(own);
  else next(own);
};

async function send(id: number): Promise<void> {
  const bytes = await read(join(from, `${id}.eml`));
  const fd = await opened(join(tmp, `${id}`), 'wx');
  await written(fd, bytes);
  await synced(fd);
  await closed(fd);
  await renamed(join(tmp, `${id}`), join(outbox, `${id}`));
  await record({
    id,
    text: JSON.stringify({ id, to: 'sink@example.net', from: 'bench@example.org', state: 'queued' }),
  });
  const own = await lane();
  await own.say('MAIL FROM:<bench@example.org>\r\nRCPT TO:<sink@example.net>\r\nDATA\r\n', 3);
  await note(id);
  await own.say(Buffer.concat([bytes, Buffer.from('.\r\n')]), 1);
  free(own);
  await file(id);
}
await Promise.all(Array.from({ length: total }, (_, id) => send(id)));
const seconds = (performance.now() - begin) / 1000;
console.log(JSON.stringify({ seconds }));
process.exit(0);
