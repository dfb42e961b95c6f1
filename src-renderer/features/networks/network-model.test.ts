import { expect, test } from 'vitest';
import { LocationId, ServerId } from '#shared/ids.ts';
import type { DeliveryMemoryEntry, SeenNetwork } from '#shared/mail/outbox.ts';
import { boundTo, inOrderOfUse, rememberedAt } from './network-model.ts';

const office = LocationId.parse('office');
const home = LocationId.parse('home');
const relay = ServerId.parse('relay');
const gone = ServerId.parse('gone');

test('finds the servers whose rule names a network, and no other', () => {
  const server = (label: string, rule: 'any' | 'only' | 'never', locations: string[]) => ({
    id: ServerId.parse(label),
    label,
    networks: { rule, locations },
  });
  const servers = [
    server('a', 'only', ['office', 'home']),
    server('b', 'never', ['office']),
    // A list left over from another rule binds nothing.
    server('c', 'any', ['office']),
    { id: ServerId.parse('d'), label: 'd', networks: undefined },
  ];
  expect(boundTo(office, servers).map(({ server: { label }, rule }) => [label, rule])).toEqual([
    ['a', 'only'],
    ['b', 'never'],
  ]);
  expect(boundTo(home, servers)).toHaveLength(1);
});

test('tells what is remembered of each server here, without what has expired or belongs elsewhere', () => {
  const entry = (more: Partial<DeliveryMemoryEntry>): DeliveryMemoryEntry => ({
    key: 'k',
    kind: 'success',
    serverId: relay,
    locationId: office,
    learnedAt: 0,
    expiresAt: null,
    ...more,
  });
  const memory = [
    entry({}),
    entry({ kind: 'blocked', expiresAt: 10 }),
    entry({ locationId: home }),
    entry({ serverId: gone }),
    entry({ locationId: undefined }),
  ];
  const servers = [{ id: relay, label: 'Relay' }];
  expect(rememberedAt(office, memory, servers, 5)).toEqual([{ server: servers[0], entries: [memory[0], memory[1]] }]);
  expect(rememberedAt(office, memory, servers, 10)[0]?.entries).toEqual([memory[0]]);
});

test('lists where we are first, then named ones, then the latest', () => {
  const seen = (name: string, more: Partial<SeenNetwork>): SeenNetwork => ({
    locationId: LocationId.parse(name),
    name,
    isNamed: false,
    isCurrent: false,
    description: '',
    firstSeenAt: null,
    lastSeenAt: null,
    ...more,
  });
  const listed = inOrderOfUse([
    seen('old café', { lastSeenAt: '2026-01-01T00:00:00.000Z' }),
    seen('home', { isNamed: true }),
    seen('new café', { lastSeenAt: '2026-02-01T00:00:00.000Z' }),
    seen('here', { isCurrent: true }),
  ]);
  expect(listed.map(({ name }) => name)).toEqual(['here', 'home', 'new café', 'old café']);
});
