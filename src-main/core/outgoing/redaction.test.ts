import { afterEach, expect, it } from 'vitest';
import { createRedaction, formsOf } from './redaction.ts';
import { closeAll, start } from './testing/delivery-harness.ts';
import { builtMessage, openOutbox } from './testing/outbox-harness.ts';

afterEach(closeAll);

const inBase64 = (text: string): string => Buffer.from(text).toString('base64');
const password = 'correct horse 7';

it.each([
  ['plain', inBase64(`\0me\0${password}`)],
  ['login', inBase64(password)],
])('a password that a server repeats after AUTH %s is kept nowhere', async (method, payload) => {
  const server = await start({
    offers: ['AUTH PLAIN LOGIN'],
    auth: `535 5.7.8 I do not like ${payload}, which is "${password}", me`,
  });
  const box = await openOutbox();
  await box.addRelay(server.port, { auth: { method, user: 'me', secret: password } });
  const { outboxId } = await box.outbox.enqueue(builtMessage(), { identityId: null, undoMs: 0, waitForFlush: true });
  await box.flush();
  const item = await box.outbox.item(outboxId);
  const kept = JSON.stringify([item, box.events, await box.handlers['server.memory']({}), box.faults]);
  expect(item.attempts[0]?.text).toBe('535 5.7.8 I do not like ••••••••, which is "••••••••", me');
  expect(kept).not.toContain(payload);
  expect(kept).not.toContain(password);
  await box.shut();
  await box.remove();
});

it('leaves user names and short words alone', () => {
  const redaction = createRedaction();
  redaction.hide(...formsOf({ user: 'me', password: 'abc' }), 'ya29.secret');
  expect(redaction.clean(`535 abc me ${inBase64('\0me\0abc')} ya29.secret`)).toBe('535 abc me •••••••• ••••••••');
});
