import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { reportMessage } from './delivery-report.ts';

const now = Date.UTC(2026, 10, 21, 12);
const original = Buffer.from('From: a@a.example\r\nSubject: Grüße\r\n\r\nDear all,\r\n.\r\n\r\n');

function report(more: Partial<Parameters<typeof reportMessage>[0]> = {}): string {
  const bytes = reportMessage({
    subject: 'Not sent yet: Grüße an alle, die heute Nacht noch auf eine Antwort warten und frieren',
    text: ['Your message has not been sent yet.', '', `  ${'x'.repeat(1200)}`],
    to: 'a@a.example',
    inReplyTo: '<m@a.example>',
    messageId: '<n@postrider.localhost>',
    boundary: '=_b',
    now,
    arrivedAt: now - 60_000,
    retryUntil: now + 86_400_000,
    recipients: [
      {
        mailbox: 'b@b.example',
        action: 'delayed',
        status: '4.7.1',
        words: '451 4.7.1 später\r\nX-Injected: yes',
        isReply: true,
        remoteHost: 'relay.example',
        lastAttemptAt: now - 5000,
      },
    ],
    original,
    ...more,
  });
  return Buffer.from(bytes).toString('utf8');
}

test('is a report by RFC 3464: text, fields for programs, the message itself', async () => {
  const text = report();
  expect(text).toContain('Content-Type: multipart/report; report-type=delivery-status;');
  const fields = /Content-Type: message\/delivery-status\r\n\r\n([\s\S]*?)\r\n--=_b/.exec(text)?.[1]?.split('\r\n');
  expect(fields).toEqual([
    'Reporting-MTA: dns; postrider.localhost',
    'Arrival-Date: Sat, 21 Nov 2026 11:59:00 +0000',
    '',
    'Final-Recipient: rfc822; b@b.example',
    'Action: delayed',
    'Status: 4.7.1',
    'Remote-MTA: dns; relay.example',
    // One field, ASCII: nothing a server says makes another.
    'Diagnostic-Code: smtp; 451 4.7.1 sp?ter X-Injected: yes',
    'Last-Attempt-Date: Sat, 21 Nov 2026 11:59:55 +0000',
    'Will-Retry-Until: Sun, 22 Nov 2026 12:00:00 +0000',
    '',
  ]);
  expect(text).toContain(`Content-Transfer-Encoding: 8bit\r\n\r\n${original.toString('utf8')}\r\n--=_b--\r\n`);
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThan(999);
  const parsed = await simpleParser(Buffer.from(text));
  expect(parsed.subject).toMatch(/^Not sent yet: Grüße an alle, die heute Nacht/);
  expect(parsed.text).toContain('Your message has not been sent yet.');
});

test('says honestly what no server said, and for an address beyond ASCII uses its own part', () => {
  const text = report({
    recipients: [{ mailbox: 'jürgen@büro.example', action: 'failed', status: '4.4.7', words: 'No server took it.' }],
  });
  expect(text).toContain('Content-Type: message/global-delivery-status');
  expect(text).toContain('Final-Recipient: utf-8; jürgen@büro.example');
  expect(text).toContain('Diagnostic-Code: x-postrider; No server took it.');
  expect(text).not.toContain('Will-Retry-Until');
});

test('does without the message when its file is gone, and without an address for the null reverse-path', () => {
  const text = report({ original: null, to: '', inReplyTo: '' });
  expect(text).not.toContain('message/rfc822');
  expect(text).toContain('To: undisclosed-recipients:;\r\n');
  expect(text).not.toContain('In-Reply-To');
});

const hasMutt = [spawnSync('mutt', ['-v']), spawnSync('script', ['-V'])].every(({ error }) => error === undefined);

test.skipIf(!hasMutt)('is read by mutt, with the fields and the message', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postrider-notice-'));
  try {
    for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(folder, 'box', part), { recursive: true });
    writeFileSync(join(folder, 'box/new/1.notice'), report());
    const rc = join(folder, 'muttrc');
    writeFileSync(
      rc,
      `set quit=yes delete=no move=no mark_old=no wait_key=no pipe_decode=yes charset=utf-8 record="" folder="${folder}"
push '<pipe-message>cat > ${join(folder, 'read.txt')}<enter><exit>'
`,
    );
    const { status } = spawnSync('script', ['-qec', `mutt -n -R -F ${rc} -f ${join(folder, 'box')}`, '/dev/null'], {
      env: { ...process.env, TERM: 'vt100', HOME: folder, LC_ALL: 'C.UTF-8' },
      stdio: 'ignore',
      timeout: 20_000,
    });
    expect(status).toBe(0);
    const read = readFileSync(join(folder, 'read.txt'), 'utf8');
    expect(read).toContain('Your message has not been sent yet.');
    expect(read).toContain('Grüße an alle');
    expect(read).toContain('Final-Recipient: rfc822; b@b.example');
    expect(read).toContain('Dear all,');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
