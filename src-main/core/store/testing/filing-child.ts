import { createHash } from 'node:crypto';
import { AccountId } from '#shared/ids.ts';
import { openStore } from '../open-store.ts';
import type { FileRequest } from '../store-api.ts';
import { mail, request, workerUrl } from './store-fixture.ts';

// Files messages until it is killed or has filed as many as asked, and prints each key once the store has said that it is safe.
// filing-child.ts HOME FIRST COUNT BATCH
const [home = '', first = '0', count = '0', batch = '10'] = process.argv.slice(2);
const account = AccountId.parse('account-1');
const log = { info: () => {}, warn: console.error, error: console.error };
const store = await openStore({ profileDir: `${home}/profile`, mailFolder: `${home}/Mail`, workerUrl, log });

function collected(number: number): FileRequest {
  const bytes = mail(`message ${number}`, `line of text ${number}\r\n`.repeat(800));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const octets = bytes.length;
  const entry = { uniqueId: `u${number}`, octets, listedOctets: octets, sha256, collectedAt: 1, isConfirmed: false };
  return request(`message ${number}`, bytes, { collected: { accountId: account, entry } });
}

process.stdout.write('open\n');
const end = Number(first) + Number(count);
for (let at = Number(first); at < end; at += Number(batch)) {
  const length = Math.min(Number(batch), end - at);
  const outcomes = await store.file(Array.from({ length }, (_, offset) => collected(at + offset)));
  process.stdout.write(outcomes.map(({ messageKey }, offset) => `u${at + offset} ${messageKey}\n`).join(''));
}
await store.close();
