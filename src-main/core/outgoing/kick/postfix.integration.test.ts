import { afterEach, describe, expect, it } from 'vitest';
import { hasPostfix, type PostfixOptions, startPostfix } from '../../../../e2e/servers/postfix.ts';
import { closeAll, closeLater, harness, start } from '../testing/delivery-harness.ts';
import { openOutbox } from '../testing/outbox-harness.ts';
import { serverAt } from '../testing/servers.ts';

const isHere = await hasPostfix();

afterEach(closeAll);

async function postfixWith(options: PostfixOptions) {
  const postfix = await startPostfix(options);
  closeLater(() => postfix.stop());
  return postfix;
}

async function openRoom() {
  const room = await openOutbox();
  closeLater(() => room.remove());
  closeLater(() => room.shut());
  return room;
}

const message = Buffer.from(
  'From: a@a.example\r\nTo: me@mine.test\r\nSubject: waited\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <w@a.example>\r\n\r\ntext\r\n',
);

describe.skipIf(!isHere)('ETRN to a real Postfix', () => {
  it('brings what waited there to where it belongs, and is refused for domains it does not keep', async () => {
    const home = await start({ greeting: '421 4.3.2 away' });
    const postfix = await postfixWith({
      settings: [
        'relay_domains = mine.test',
        'fast_flush_domains = mine.test',
        `relay_transport = smtp:[127.0.0.1]:${home.port}`,
      ],
    });
    const { run, recipients } = harness();
    await run([serverAt('one', [postfix.port])], ['me@mine.test'], { bytes: message });
    expect(recipients.get('me@mine.test')?.state).toBe('accepted');
    await expect.poll(() => postfix.log(), { timeout: 20_000 }).toMatch(/to=<me@mine\.test>.*status=deferred/);
    home.script = {};

    const room = await openRoom();
    const label = 'Postfix';
    const kept = await room.addRelay(postfix.port, { label, kick: { kind: 'etrn', host: 'mine.test' } });
    const other = await room.addRelay(postfix.port, { label, kick: { kind: 'etrn', host: 'other.test' } });
    const report = async (serverId: typeof kept) => {
      const { jobId } = await room.handlers['server.kick']({ serverId });
      const { state } = await room.jobs.finished(jobId);
      return state.kind === 'succeeded' ? state.summary : state;
    };
    expect(await report(kept)).toMatchObject({
      ok: true,
      text: 'Postfix begins to deliver what waits for mine.test.',
    });
    await home.until(() => home.accepted.length === 1);
    expect(home.accepted[0]?.to).toEqual(['me@mine.test']);
    expect(home.accepted[0]?.bytes.toString()).toContain('Subject: waited');
    expect(await report(other)).toMatchObject({ ok: false, error: { code: 'EREJECTED', replyCode: 459 } });
  });
});
