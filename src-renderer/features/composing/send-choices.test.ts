import { expect, it } from 'vitest';
import { ServerId } from '#shared/ids.ts';
import { chipOf, choicesOf, optionsOf } from './send-choices.ts';

const [home, office] = [ServerId.parse('home'), ServerId.parse('office')];

it('keeps every server a draft was to go by, in its order', () => {
  const choices = choicesOf({ send: { serverIds: [office, home] } });
  expect(choices).toEqual({ serverIds: [office, home], sendAt: null });
  expect(optionsOf(choices)).toEqual({ serverIds: [office, home] });
});

it('says nothing of servers where none was chosen, and forgets a moment that has passed', () => {
  expect(optionsOf(choicesOf({}))).toEqual({});
  expect(optionsOf(choicesOf({ send: { sendAt: 1000 } }, 2000))).toEqual({});
  expect(optionsOf(choicesOf({ send: { sendAt: 3000 } }, 2000))).toEqual({ sendAt: 3000 });
});

it('names the chosen server on the button before what the route says', () => {
  expect(chipOf(null, 'Office', false)).toEqual({ kind: 'by', server: 'Office' });
  expect(chipOf(null, 'Office', true)).toEqual({ kind: 'paused' });
});
