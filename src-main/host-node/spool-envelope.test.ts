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
