import { describe, expect, it } from 'vitest';
import { MessageKey } from '#shared/ids.ts';
import { readOutline } from '../message/read-outline.ts';
import { encodedWords, forwardedBytes, redirectedBytes, whyNotSentOn } from './send-on.ts';
import { factsFrom } from './testing/facts.ts';

const on = { messageKey: MessageKey.parse('k'), from: 'anna@home.test', to: 'bob@away.test', at: 1_800_000_000_000 };
const plain = ['From: friend@away.test', 'To: anna@home.test', 'Subject: Grüße', '', 'Hällo'];
const original = Buffer.from(`${plain.join('\r\n')}\r\n`);

describe('what is not sent on', () => {
  const own = ['anna@home.test', '*@shop.test'];
  it.each([
    ['came back with our mark', ['X-Loop: Anna@home.test', ...plain], /before/],
    ['was resent by us', ['Resent-From: <box@shop.test>', ...plain], /before/],
    ['passed too many servers', [...Array<string>(31).fill('Received: from x by y'), ...plain], /circle/],
    ['has the null reverse-path', ['Return-Path: <>', ...plain], /report/],
    ['is a report', ['Content-Type: multipart/report; report-type=delivery-status; boundary=x', ...plain], /report/],
    ['is an automatic answer', ['Auto-Submitted: auto-replied (vacation)', ...plain], /automatic/],
  ])('%s', (_, lines, why) => {
    expect(whyNotSentOn(factsFrom(lines), own, 'bob@away.test')).toMatch(why);
  });

  it('goes to oneself', () => {
    expect(whyNotSentOn(factsFrom(plain), own, 'anna@home.test')).toMatch(/already/);
  });

  it('is not what a machine or somebody else sent on', () => {
    const lines = ['X-Loop: other@away.test', 'Auto-Submitted: auto-generated', 'Received: from x by y', ...plain];
    expect(whyNotSentOn(factsFrom(lines), own, 'bob@away.test')).toBeNull();
  });
});

it('a redirected message is the old one, octet for octet, behind its Resent fields', () => {
  const bytes = Buffer.from(redirectedBytes(original, on));
  expect(bytes.subarray(-original.length).equals(original)).toBe(true);
  expect(bytes.toString()).toMatch(/^X-Loop: anna@home\.test\r\nResent-Date: .*\r\nResent-From: <anna@home\.test>\r\n/);
  expect(Buffer.from(redirectedBytes(original, on)).equals(bytes)).toBe(true);
  expect(Buffer.from(redirectedBytes(original, { ...on, to: 'x@y.test' })).equals(bytes)).toBe(false);
});

it('a forwarded message carries the old one whole', () => {
  const bytes = Buffer.from(forwardedBytes(original, factsFrom(plain), on));
  expect(bytes.includes(original)).toBe(true);
  const outline = readOutline(bytes, { maxTextOctets: 1000 });
  expect(outline).toMatchObject({ subject: 'Fwd: Grüße', hasAttachments: true, isMalformed: false });
});

it('two who forward to each other stop, whatever lies between them', () => {
  const own = { anna: ['anna@home.test'], bob: ['bob@away.test'] };
  const linesOf = (bytes: Uint8Array): string[] => Buffer.from(bytes).toString().trimEnd().split('\r\n');
  const toBob = linesOf(forwardedBytes(original, factsFrom(plain), on));
  expect(whyNotSentOn(factsFrom(toBob), own.bob, 'anna@home.test')).toBeNull();
  const back = { ...on, from: 'bob@away.test', to: 'anna@home.test' };
  const toAnna = linesOf(forwardedBytes(Buffer.from(toBob.join('\r\n')), factsFrom(toBob), back));
  expect(whyNotSentOn(factsFrom(toAnna), own.anna, 'bob@away.test')).toMatch(/before/);

  const redirected = linesOf(redirectedBytes(original, on));
  const onward = forwardedBytes(Buffer.from(redirected.join('\r\n')), factsFrom(redirected), back);
  expect(whyNotSentOn(factsFrom(linesOf(onward)), own.anna, 'bob@away.test')).toMatch(/before/);
  const many = Array.from({ length: 500 }, (_, index) => `X-Loop: x${index}@y.test`);
  const marked = linesOf(forwardedBytes(original, factsFrom([...many, ...plain]), on));
  expect(marked.filter((line) => line.startsWith('X-Loop')).length).toBe(100);
});

it('a subject of any length and script fits a header', () => {
  const subject = 'Ж'.repeat(400);
  const words = encodedWords(`${subject}\r\nBcc: x@y.test`);
  expect(words.split('\r\n ').every((line) => line.length <= 75 && !/[\r\n]/.test(line))).toBe(true);
  expect(words).not.toContain('Bcc');
});
