import { expect, test } from 'vitest';
import { collectOnce } from './testing/collect-once.ts';
import { createMaildrop, message, realClock } from './testing/maildrops.ts';
import { createMemoryStore } from './testing/memory-store.ts';
import { serve } from './testing/served-maildrop.ts';

// Servers that count wrongly, name messages wrongly, or do without what most have.

const deletes = { retention: { kind: 'delete' } };

test('fewer octets than LIST: kept, deleted only after a second session gave the same bytes', async () => {
  const maildrop = createMaildrop([{ ...message('a'), listedOctets: 5000 }]);
  const server = await serve(maildrop);
  const store = createMemoryStore();
  expect(await collectOnce(server, store, deletes)).toMatchObject({ retrieved: 1, deleted: 0, left: 1 });
  expect(await collectOnce(server, store, deletes)).toMatchObject({ retrieved: 0, deleted: 1, left: 0 });
  expect(store.messages.size).toBe(1);
});

test('fewer octets, and other bytes the second time: both are kept, nothing is deleted yet', async () => {
  const maildrop = createMaildrop([{ ...message('a'), listedOctets: 5000 }]);
  const server = await serve(maildrop);
  const store = createMemoryStore();
  await collectOnce(server, store, deletes);
  maildrop.lying[0] = { ...message('a', 'Subject: a\r\n\r\nMore of it.\r\n'), listedOctets: 5000 };
  expect(await collectOnce(server, store, deletes)).toMatchObject({ retrieved: 1, deleted: 0 });
  expect(await collectOnce(server, store, deletes)).toMatchObject({ deleted: 1 });
  expect(store.messages.size).toBe(2);
});

test('two entries of one listing are two messages, also with one unique-id and equal bytes', async () => {
  const maildrop = createMaildrop([message('a', 'Same\r\n'), message('a', 'Same\r\n'), message('b', 'Same\r\n')]);
  const server = await serve(maildrop);
  const store = createMemoryStore();
  expect(await collectOnce(server, store)).toMatchObject({ retrieved: 3 });
  expect(store.messages.size).toBe(3);
  expect(await collectOnce(server, store)).toMatchObject({ retrieved: 0 });
});

test('a shared unique-id is deleted only when every message that has it is safe', async () => {
  const maildrop = createMaildrop([message('a', 'One\r\n'), message('a', 'Other\r\n'), message('b')]);
  const server = await serve(maildrop, { intercept: (line) => (line === 'RETR 2' ? '-ERR Damaged\r\n' : null) });
  const store = createMemoryStore();
  expect(await collectOnce(server, store, deletes)).toMatchObject({ retrieved: 2, deleted: 1, left: 2 });
  expect(maildrop.removed).toEqual(['b']);
});

test('a reused unique-id with other octets is another message', async () => {
  const maildrop = createMaildrop([message('1', 'The first\r\n')]);
  const server = await serve(maildrop);
  const store = createMemoryStore();
  await collectOnce(server, store);
  maildrop.lying[0] = message('1', 'The second one\r\n');
  expect(await collectOnce(server, store)).toMatchObject({ retrieved: 1 });
  expect(store.messages.size).toBe(2);
});

test('some unique-ids changed: what comes again is known by its bytes and not doubled, unless its file is gone', async () => {
  const maildrop = createMaildrop(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => message(id)));
  const server = await serve(maildrop);
  const store = createMemoryStore();
  await collectOnce(server, store);
  store.loseFile('b');
  const renamed = (id: string) => ({ ...message(id), uniqueId: `${id}-anew` });
  maildrop.lying.splice(0, 2, renamed('a'), renamed('b'));
  expect(await collectOnce(server, store)).toMatchObject({ retrieved: 1, left: 6 });
  expect(store.messages.size).toBe(6);
  expect(store.known()).toHaveLength(6);
  expect(await collectOnce(server, store)).toMatchObject({ retrieved: 0, octets: 0 });
});

test.each([{ top: true }, { top: false }])(
  'unique-ids that are numbers, and a QUIT whose answer was lost: another message in the place is not deleted unseen, TOP: $top',
  async ({ top }) => {
    const numbered = (texts: readonly string[]) =>
      texts.map((text, at) => ({ ...message(text), uniqueId: String(at + 1) }));
    const maildrop = createMaildrop(numbered(['a', 'b']));
    const store = createMemoryStore();
    const unlucky = await serve(maildrop, { top, intercept: (line) => (line === 'QUIT' ? '-ERR\r\n' : null) });
    expect(await collectOnce(unlucky, store, deletes)).toMatchObject({ retrieved: 2, deleted: 0 });
    // It was carried out all the same; what came since has the same numbers, and as many octets.
    maildrop.lying.splice(0, 2, ...numbered(['c', 'd']));
    const server = await serve(maildrop, { top });
    expect(await collectOnce(server, store, deletes)).toMatchObject({ retrieved: 2, deleted: 2, left: 0 });
    expect(store.messages.size).toBe(4);
  },
);

test('a unique-id given to another message of the same size: that one is not deleted when the days are over', async () => {
  const maildrop = createMaildrop([message('a'), message('b')]);
  const server = await serve(maildrop);
  const store = createMemoryStore();
  const days = { retention: { kind: 'leave-days', days: 2 } };
  await collectOnce(server, store, days);
  maildrop.lying.splice(0, 1, { ...message('x'), uniqueId: 'a' });
  const later = { ...realClock, now: () => Date.now() + 2 * 24 * 60 * 60 * 1000 };
  expect(await collectOnce(server, store, days, { clock: later })).toMatchObject({
    retrieved: 1,
    deleted: 1,
    left: 1,
  });
  expect(maildrop.lying.map(({ uniqueId }) => uniqueId)).toEqual(['a']);
  expect(store.messages.size).toBe(3);
});

test('all unique-ids changed: nothing is fetched twice', async () => {
  const maildrop = createMaildrop(['a', 'b', 'c'].map((id) => message(id)));
  const server = await serve(maildrop);
  const store = createMemoryStore();
  await collectOnce(server, store);
  for (const [index, { bytes }] of [...maildrop.lying].entries())
    maildrop.lying[index] = { uniqueId: `new-${index}`, bytes };
  maildrop.lying.push(message('d'));
  expect(await collectOnce(server, store)).toMatchObject({ retrieved: 1 });
  expect(server.sessions[1]?.retrieved).toEqual(['d']);
  expect(store.messages.size).toBe(4);
  expect(await collectOnce(server, store)).toMatchObject({ retrieved: 0 });
  expect(server.sessions[2]?.commands.filter((line) => line.startsWith('TOP'))).toEqual([]);
});

test('all unique-ids changed and no TOP: fetched, recognised by their bytes, not doubled', async () => {
  const maildrop = createMaildrop(['a', 'b', 'c'].map((id) => message(id)));
  const server = await serve(maildrop, { top: false });
  const store = createMemoryStore();
  await collectOnce(server, store);
  for (const [index, { bytes }] of [...maildrop.lying].entries())
    maildrop.lying[index] = { uniqueId: `new-${index}`, bytes };
  expect(await collectOnce(server, store)).toMatchObject({ retrieved: 0 });
  expect(store.messages.size).toBe(3);
  expect(
    store
      .known()
      .map(({ uniqueId }) => uniqueId)
      .sort(),
  ).toEqual(['new-0', 'new-1', 'new-2']);
});

test('a listing that is suddenly empty makes nothing forgotten', async () => {
  const maildrop = createMaildrop(['a', 'b', 'c'].map((id) => message(id)));
  const server = await serve(maildrop);
  const store = createMemoryStore();
  await collectOnce(server, store);
  const lying = maildrop.lying.splice(0);
  await collectOnce(server, store);
  maildrop.lying.push(...lying);
  expect(await collectOnce(server, store)).toMatchObject({ retrieved: 0 });
});

test.each([{ top: true }, { top: false }])('no UIDL, TOP: $top; leave: nothing doubles', async ({ top }) => {
  const maildrop = createMaildrop([message('a'), message('b', 'Same\r\n\r\nx\r\n'), message('c', 'Same\r\n\r\nx\r\n')]);
  const server = await serve(maildrop, { uidl: false, top });
  const store = createMemoryStore();
  expect(await collectOnce(server, store)).toMatchObject({ retrieved: 3 });
  await collectOnce(server, store);
  expect(store.messages.size).toBe(3);
  expect(server.sessions[1]?.retrieved).toHaveLength(top ? 0 : 3);
});

test('no UIDL; delete: what was fetched in this session is deleted', async () => {
  const maildrop = createMaildrop([message('a'), message('b')]);
  const server = await serve(maildrop, { uidl: false });
  const store = createMemoryStore();
  expect(await collectOnce(server, store, deletes)).toMatchObject({ retrieved: 2, deleted: 2 });
  expect(store.messages.size).toBe(2);
});

test('no UIDL; leave days: fetched once more before it is deleted, since only what came in this session may go', async () => {
  const maildrop = createMaildrop([message('a')]);
  const server = await serve(maildrop, { uidl: false });
  const store = createMemoryStore();
  const days = { retention: { kind: 'leave-days', days: 2 } };
  await collectOnce(server, store, days);
  const later = { ...realClock, now: () => Date.now() + 2 * 24 * 60 * 60 * 1000 };
  expect(await collectOnce(server, store, days, { clock: later })).toMatchObject({ deleted: 1 });
  expect(server.sessions[1]?.retrieved).toEqual(['a']);
  expect(store.messages.size).toBe(1);
});

test.each([
  { top: true, retention: { kind: 'leave' } },
  { top: false, retention: { kind: 'leave' } },
  { top: true, retention: { kind: 'delete' } },
])('no UIDL, TOP: $top; then $retention.kind: Status written by the server makes no second message', async (then) => {
  const first = [message('a'), message('b', 'Status: O\r\nSubject: b\r\n\r\nx\r\n')];
  const maildrop = createMaildrop(first);
  const server = await serve(maildrop, { uidl: false, top: then.top });
  const store = createMemoryStore();
  await collectOnce(server, store);
  const read = ['a', 'b'].map((id) => message(id, `Status: RO\r\nX-UID: 7\r\n${textOf(first, id)}`));
  maildrop.lying.splice(0, 2, ...read, message('c'));
  const result = await collectOnce(server, store, { retention: then.retention });
  expect(result).toMatchObject({ retrieved: 1, deleted: then.retention.kind === 'delete' ? 3 : 0 });
  expect(store.messages.size).toBe(3);
});

test('unique-ids with spaces, too long, or missing: all mail comes, and once', async () => {
  const ids = ['a b', 'a', 'a', 'a 2', 'x'.repeat(500), '', ' ', 'digest x'];
  const maildrop = createMaildrop(ids.map((id, at) => message(id, `Subject: ${at}\r\n\r\nx\r\n`)));
  const server = await serve(maildrop);
  const store = createMemoryStore();
  expect(await collectOnce(server, store)).toMatchObject({ retrieved: ids.length, failed: [] });
  expect(await collectOnce(server, store)).not.toHaveProperty('error', expect.anything());
  expect(store.messages.size).toBe(ids.length);
});

test('no CAPA, no pipelining: one command at a time, the same result', async () => {
  const maildrop = createMaildrop([message('a'), message('b')]);
  const server = await serve(maildrop, { capa: false, pipelining: false });
  const store = createMemoryStore();
  expect(await collectOnce(server, store, deletes)).toMatchObject({ retrieved: 2, deleted: 2 });
});

/** The text of a message without the Status it had at first. */
function textOf(messages: readonly { uniqueId: string; bytes: Uint8Array }[], id: string): string {
  const bytes = messages.find(({ uniqueId }) => uniqueId === id)?.bytes ?? new Uint8Array();
  return Buffer.from(bytes)
    .toString('latin1')
    .replace(/^Status: O\r\n/, '');
}
