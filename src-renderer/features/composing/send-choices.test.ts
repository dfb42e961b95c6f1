import { expect, it } from 'vitest';
import { LocationId, ServerId } from '#shared/ids.ts';
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

it('says on the button that no server takes such a message', () => {
  const location = { locationId: LocationId.parse('here'), name: 'Home', isNamed: true, isOnline: true };
  const attempts = [{ serverId: home, serverLabel: 'Home', endpoint: 'home.example:587', why: '' }];
  const route = { attempts, skipped: [], location };
  expect(chipOf({ ...route, cannot: 'Home takes messages of at most 25 MB.' }, null, false)).toEqual({
    kind: 'cannot',
  });
  expect(chipOf(route, null, false)).toEqual({ kind: 'by', server: 'Home' });
});
