import { expect, it } from 'vitest';
import { ServerId } from '#shared/ids.ts';
import { groupSkipped } from './group-skipped.ts';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => ServerId.parse(id));
if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('four ids');

it('says once that the route does not name them, after what is worth reading', () => {
  expect(
    groupSkipped([
      { serverId: a, reason: 'route-forbids', detail: 'The route of this address names other servers.' },
      { serverId: b, reason: 'refused-sender', detail: 'It said: no.' },
      { serverId: c, reason: 'route-forbids', detail: 'The route of this address names other servers.' },
      { serverId: d, reason: 'disabled', detail: 'It is switched off.' },
    ]),
  ).toEqual([
    { serverIds: [b], reason: 'refused-sender', detail: 'It said: no.' },
    { serverIds: [d], reason: 'disabled' },
    { serverIds: [a, c], reason: 'route-forbids' },
  ]);
  expect(groupSkipped([])).toEqual([]);
});
