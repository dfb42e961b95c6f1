import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MessageKey } from '#shared/ids.ts';
import { IdentityInput } from '#shared/mail/identity.ts';
import { AccountInput } from '#shared/mail/incoming-account.ts';
import { ServerInput } from '#shared/mail/outgoing-server.ts';
import { AutoReply } from '#shared/mail/rule.ts';
import { accountOn, identityOf, serverOn } from '../../../e2e/pages/profile.ts';
import { startMaildrop } from '../../../e2e/servers/maildrop.ts';
import { startSink } from '../../../e2e/servers/sink.ts';
import { readOutline } from '../message/read-outline.ts';
import { openCore } from '../testing/core-on-a-profile.ts';
import { isActive, replyBytes, whyNotAnswered } from './auto-reply.ts';
import { factsFrom } from './testing/facts.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const date = 'Date: Sun, 22 Nov 2026 10:00:00 +0000';
const letter = ['From: Bob <bob@away.test>', 'To: Anna <anna@home.test>', 'Subject: Grüße', date, 'Message-ID: <1@a>'];

function why(lines: string[], own = ['anna@home.test']): string | null {
  return whyNotAnswered(factsFrom([...lines, '', 'Hello']), own, 'anna@home.test', now);
}

describe('what is answered', () => {
  it('a person who wrote to this address lately', () => {
    expect(why(letter)).toBeNull();
    expect(why([...letter, 'Auto-Submitted: no', 'Return-Path: <bob@away.test>'])).toBeNull();
  });

  it.each([
    ['a machine', 'Auto-Submitted: auto-generated'],
    ['an automatic answer', 'AUTO-SUBMITTED: auto-replied; owner-email="x@y.test"'],
    ['a list, by its id', 'List-Id: <cooks.lists.test>'],
    ['a list, by its way out', 'List-Unsubscribe: <https://x.test>'],
    ['bulk', 'Precedence: bulk'],
    ['an old list', 'Precedence: list'],
    ['the null reverse-path', 'Return-Path: <>'],
    ['a report', 'Content-Type: multipart/report; boundary=x'],
    ['who asked for none', 'X-Auto-Response-Suppress: DR, OOF'],
    ['what a server called junk', 'X-Spam-Flag: YES'],
  ])('not %s', (_, field) => {
    expect(why([field, ...letter])).not.toBeNull();
  });

  it.each([
    'noreply@shop.test',
    'no-reply+17@shop.test',
    'info-noreply@shop.test',
    'no_reply@shop.test',
    'do_not_reply@shop.test',
    'do.not.reply@shop.test',
    'DoNotReply@shop.test',
    'MAILER-DAEMON@away.test',
    'postmaster@away.test',
    'cooks-request@lists.test',
    'owner-cooks@lists.test',
    'bounce+anna=home.test@shop.test',
    'anna@home.test',
  ])('not %s', (sender) => {
    expect(why([`From: ${sender}`, ...letter.slice(1)])).not.toBeNull();
  });

  it('not what went to others, came long ago, or names nobody', () => {
    expect(why(letter.map((line) => line.replace('anna@home.test', 'team@home.test')))).not.toBeNull();
    expect(why(letter.map((line) => line.replace('22 Nov 2026', '12 Nov 2026')))).not.toBeNull();
    expect(why(letter.filter((line) => line !== date))).not.toBeNull();
    expect(why(letter.slice(1))).not.toBeNull();
  });
});

it('days are both included', () => {
  const reply = AutoReply.parse({
    identityId: 'i',
    isEnabled: true,
    text: 'x',
    from: '2026-11-20',
    until: '2026-11-22',
  });
  const noon = (day: number): number => new Date(2026, 10, day, 12).getTime();
  expect([19, 20, 22, 23].map((day) => isActive(reply, noon(day)))).toEqual([false, true, true, false]);
  expect(isActive({ ...reply, isEnabled: false }, noon(21))).toBe(false);
});

it('an answer names what it answers and injects nothing', () => {
  const facts = factsFrom([...letter, 'References: <0@a>', '', 'Hello']);
  const bytes = replyBytes({ subject: '', text: 'Ich bin im Urlaub.\n.\nGrüße' }, facts, {
    from: 'anna@home.test',
    to: 'bob@away.test',
    now,
    messageKey: MessageKey.parse('k'),
  });
  const outline = readOutline(bytes, { maxTextOctets: 1000 });
  expect(outline).toMatchObject({ subject: 'Auto: Grüße', inReplyTo: ['<1@a>'], references: ['<0@a>', '<1@a>'] });
  expect(outline.text).toContain('Ich bin im Urlaub.');
  expect(Buffer.from(bytes).toString()).toContain('\r\nAuto-Submitted: auto-replied\r\n');
});

it('each sender hears it once, through the outbox; a list never', { timeout: 60_000 }, async () => {
  const [app, maildrop, sink] = await Promise.all([openCore(), startMaildrop(), startSink()]);
  onTestFinished(async () => {
    await app.dispose();
    await Promise.all([maildrop.close(), sink.stop()]);
  });
  await app.core.start();
  await app.api.call('account.add', AccountInput.parse(accountOn(maildrop.port)));
  await app.api.call('server.add', ServerInput.parse(serverOn('Sink', sink.port)));
  const { id } = await app.api.call('identity.add', IdentityInput.parse(identityOf('anna@home.test')));
  await expect(app.api.call('autoReply.set', { identityId: id, isEnabled: true, text: ' ' })).rejects.toThrow(/Write/);
  await app.api.call('autoReply.set', { identityId: id, isEnabled: true, text: 'I am away.' });
  const today = new Date().toUTCString();
  const mail = (from: string, more = ''): Buffer =>
    Buffer.from(
      `From: ${from}\r\nTo: anna@home.test\r\nDate: ${today}\r\nSubject: Hi\r\n${more}\r\n${Math.random()}\r\n`,
    );
  const collect = async (): Promise<void> => {
    const { jobId } = await app.api.call('collect.start', {});
    expect((await app.finished(jobId)).state).toMatchObject({ kind: 'succeeded' });
  };
  for (const from of ['bob@away.test', 'Bob@away.test', 'carol@away.test']) maildrop.deliver(mail(from));
  maildrop.deliver(mail('dave@away.test', 'List-Id: <x.test>\r\n'));
  await collect();
  maildrop.deliver(mail('bob@away.test'));
  await collect();
  await vi.waitFor(() => expect(sink.taken).toHaveLength(2), { timeout: 15_000 });
  expect(sink.taken.flatMap(({ to }) => to).sort()).toEqual(['bob@away.test', 'carol@away.test']);
});
