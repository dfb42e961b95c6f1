import { afterEach, describe, expect, it } from 'vitest';
import { hasPostfix, startPostfix } from '../../../e2e/servers/postfix.ts';
import { closeAll, closeLater, harness } from './testing/delivery-harness.ts';
import { serverAt } from './testing/servers.ts';

const isHere = await hasPostfix();

afterEach(closeAll);

const message = Buffer.from(
  'From: a@a.example\r\nTo: me@mine.test\r\nSubject: report me\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <w@a.example>\r\n\r\ntext\r\n',
);

describe.skipIf(!isHere)('delivery reports of a real Postfix', () => {
  it('come back for what was delivered, with our name for the message and for the recipient', async () => {
    const mailboxes = ['me+tag@mine.test', 'quiet@mine.test', 'a@a.example'];
    const postfix = await startPostfix({ mailboxes });
    closeLater(() => postfix.stop());
    const { run, attempts } = harness();
    const asking = serverAt('one', [postfix.port], { dsn: { notify: ['success', 'failure'], ret: 'hdrs' } });
    await run([asking], ['me+tag@mine.test'], { bytes: message });
    expect(attempts[0]?.transcript.filter((line) => /^C: (MAIL|RCPT)/.test(line))).toEqual([
      `C: MAIL FROM:<a@a.example> SIZE=${message.length} RET=HDRS ENVID=x`,
      'C: RCPT TO:<me+tag@mine.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;me+2Btag@mine.test',
    ]);
    await expect
      .poll(async () => (await postfix.delivered('a@a.example')).length, { timeout: 30_000, interval: 50 })
      .toBe(1);
    const [report] = await postfix.delivered('a@a.example');
    const text = report?.toString() ?? '';
    expect(text).toMatch(/^Content-Type: multipart\/report; report-type=delivery-status/m);
    expect(text).toMatch(/^Original-Envelope-Id: x$/m);
    expect(text).toMatch(/^Original-Recipient: rfc822;me\+tag@mine\.test$/m);
    expect(text).toMatch(/^Action: delivered$/m);
    expect(text).toMatch(/^Content-Type: text\/rfc822-headers/m);
    expect(text).not.toMatch(/^text$/m);

    // Who asks for none gets none: a message that is delivered after it proves that it would have come by now.
    const silent = serverAt('two', [postfix.port], { dsn: { notify: ['never'], ret: 'full' } });
    await run([silent], ['quiet@mine.test'], { bytes: message });
    await run([asking], ['me+tag@mine.test'], { bytes: message });
    await expect
      .poll(async () => (await postfix.delivered('a@a.example')).length, { timeout: 30_000, interval: 50 })
      .toBe(2);
    expect(await postfix.delivered('quiet@mine.test')).toHaveLength(1);
  });
});
