import { expect, it } from 'vitest';
import { parseReply } from './smtp-reply.ts';

it('reads codes and text of all lines', () => {
  expect(parseReply('250-2.0.0 one\n250 2.0.0 two')).toMatchObject({
    replyCode: 250,
    enhancedStatusCode: '2.0.0',
    text: '250-2.0.0 one 2.0.0 two',
  });
  expect(parseReply('250')).toMatchObject({ replyCode: 250, enhancedStatusCode: undefined });
  // Another code of the same kind is still the same answer.
  expect(parseReply('250-one\n251 two')?.replyCode).toBe(250);
});

it('one that says yes and no is none', () => {
  expect(parseReply('250-taken\n550 5.7.1 not taken')).toBeNull();
  expect(parseReply('550-no\n250 yes')).toBeNull();
  expect(parseReply('hello')).toBeNull();
});
