import { expect, test } from 'vitest';
import { hasRecipient, resolveEnvelope, type SpoolEnvelope } from './spool-envelope.ts';

const home = 'alice@example.org';
const resolve = (message: string, envelope: Partial<SpoolEnvelope> = {}, main: string | null = home) => {
  const { bytes, ...rest } = resolveEnvelope(
    Buffer.from(message),
    { recipients: [], readHeader: true, ...envelope },
    main ?? undefined,
  );
  return { ...rest, text: bytes.toString() };
};

test('a complete message stays as it is, and its header is left to the core’s own reader', () => {
  const message = 'From: "B, ob" <bob@b.c>\r\nTo: Carol (x@y.z) <carol@b.c>\r\n\r\nTo: nobody\r\n';
  expect(resolve(message)).toEqual({ text: message, reversePath: undefined, forwardPaths: undefined });
});

test('what has no domain stands for the user', () => {
  expect(resolve('From: root (Cron Daemon)\nTo: root, dan@b.c\nCc: group: eve@b.c, "root" <root>;\n\nx\n')).toEqual({
    text: 'From: "root (Cron Daemon)" <alice@example.org>\r\nTo: root, dan@b.c\nCc: group: eve@b.c, "root" <root>;\n\nx\n',
    reversePath: undefined,
    forwardPaths: [home, 'dan@b.c', 'eve@b.c'],
  });
});

test('recipients given come first; those in the header count only with -t', () => {
  const message = 'From: a@b.c\nTo: one@b.c\n\nx\n';
  expect(resolve(message, { recipients: ['two@b.c'], readHeader: false }).forwardPaths).toEqual(['two@b.c']);
  expect(resolve(message, { recipients: ['two@b.c', 'one@b.c'] }).forwardPaths).toEqual(['two@b.c', 'one@b.c']);
});

test('a missing From is made of -f and -F; a folded one without a domain is replaced whole', () => {
  const made = resolve('To: x@b.c\n\nx\n', { reversePath: 'bounce@b.c', fullName: 'Backup\r\nBcc: evil@b.c' });
  expect(made.text).toBe('From: "Backup Bcc: evil@b.c" <bounce@b.c>\r\nTo: x@b.c\n\nx\n');
  expect(made.reversePath).toBe('bounce@b.c');
  expect(resolve('Subject: s\nFrom: root\n (Cron)\nTo: x@b.c\n\nx').text).toBe(
    'Subject: s\nFrom: "root (Cron)" <alice@example.org>\r\nTo: x@b.c\n\nx',
  );
  expect(resolve('From: a@b.c\nTo: x@b.c\n\n', { reversePath: '' }).reversePath).toBe('');
});

test('an address with a quoted name of its own, or beyond ASCII, is taken as it is', () => {
  const message = 'From: a@b.c\nTo: "x, y"@b.c, "Doe, J." <j@b.c>, "Ann" ann@b.c, jörg@b.c\n\nx\n';
  expect(resolve(message, { recipients: ['one@b.c'] }).forwardPaths).toEqual([
    'one@b.c',
    '"x, y"@b.c',
    'j@b.c',
    'ann@b.c',
    'jörg@b.c',
  ]);
});

test('a From field made here stays ASCII', () => {
  const words = `=?utf-8?B?${Buffer.from('Jörg "X"').toString('base64')}?=`;
  expect(resolve('To: x@b.c\n\nx\n', { fullName: 'Jörg "X"', reversePath: 'j@b.c' }).text).toBe(
    `From: ${words} <j@b.c>\r\nTo: x@b.c\n\nx\n`,
  );
  const cron = Buffer.from('root (Jörg)').toString('base64');
  expect(resolve('From: root (Jörg)\nTo: x@b.c\n\nx\n').text).toContain(`From: =?utf-8?B?${cron}?= <${home}>\r\n`);
});

test('a From_ line is known by its time, and may be quoted', () => {
  const has = (text: string) => hasRecipient(Buffer.from(text), { recipients: [], readHeader: true });
  expect(has('From a@b.c Sun Nov 22 10:00:00 2026\nTo: x@b.c\n\n')).toBe(true);
  expect(has('>From a@b.c Sun Nov 22 10:00:00 2026\nTo: x@b.c\n\n')).toBe(true);
  expect(has('From now on the disk is full\nTo: x@b.c\n\n')).toBe(false);
});

const journey = 'From: author@b.c\nTo: old@b.c\nCc: older@b.c\nDate: Mon, 1 Jan 2024 10:00:00 +0000\n\nx\n';

test('a resent message goes to whom it is resent to, and to nobody of its earlier journeys', () => {
  const once = `Resent-From: Bob <bob@b.c>\nResent-To: new@b.c,\n two@b.c\nResent-Bcc: hidden@b.c\nResent-cc: root\n${journey}`;
  expect(resolve(once)).toEqual({
    text: once,
    reversePath: 'bob@b.c',
    forwardPaths: ['new@b.c', 'two@b.c', home, 'hidden@b.c'],
  });
  const again = { reversePath: 'cat@b.c', forwardPaths: ['third@b.c'] };
  const block = 'Resent-Sender: cat@b.c\nResent-From: boss@b.c\nResent-To: third@b.c\n';
  for (const between of ['', 'Received: by mx; Mon, 1 Jan 2024 10:00:00 +0000\n', 'Return-Path: <bob@b.c>\n'])
    expect(resolve(`${block}${between}${once}`)).toMatchObject(again);
  // A field of the user's between does not part them.
  expect(resolve(block.replace('Resent-To', 'X-Why: because\nResent-To') + journey)).toMatchObject(again);
});

test('what was given stands before what a resent message says; without its recipients it is as any other', () => {
  const resent = `Resent-From: bob@b.c\nResent-To: new@b.c\n${journey}`;
  expect(resolve(resent, { recipients: ['one@b.c'], reversePath: '' })).toMatchObject({
    reversePath: '',
    forwardPaths: ['one@b.c', 'new@b.c'],
  });
  expect(resolve(resent, { recipients: ['one@b.c'], readHeader: false })).toMatchObject({
    reversePath: undefined,
    forwardPaths: ['one@b.c'],
  });
  expect(resolve(`Resent-From: bob@b.c\n${journey}`)).toMatchObject({
    forwardPaths: undefined,
    reversePath: undefined,
  });
  expect(hasRecipient(Buffer.from('Resent-Bcc: a@b.c\n\n'), { recipients: [], readHeader: true })).toBe(true);
});

test('without an identity there is nobody it could stand for', () => {
  expect(() => resolve('From: a@b.c\nTo: root\n\n', {}, null)).toThrow(/root/);
});

test('nobody named is known before anything is taken', () => {
  const asks = (text: string) => hasRecipient(Buffer.from(text), { recipients: [], readHeader: true });
  expect(asks('Subject: x\n\nTo: a@b.c\n')).toBe(false);
  expect(asks('To: \n\n')).toBe(false);
  expect(asks('bcc: a@b.c\n\n')).toBe(true);
});

test('hostile headers are read in reasonable time', () => {
  const began = performance.now();
  for (const value of ['('.repeat(20_000), '"\\'.repeat(20_000), '<'.repeat(20_000), ' ,;:'.repeat(20_000)])
    hasRecipient(Buffer.from(`To: ${value}\n\n`), { recipients: [], readHeader: true });
  expect(performance.now() - began).toBeLessThan(2000);
});
