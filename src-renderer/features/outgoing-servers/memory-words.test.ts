import { expect, it } from 'vitest';
import { DeliveryMemoryEntry, SeenNetwork } from '#shared/mail/outbox.ts';
import { memoryInWords } from '../../ui/memory-words.ts';
import { groupOf, memoryGroups, memoryNotes } from './memory-words.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const minute = 60_000;
const entry = (kind: string, more: object = {}) =>
  DeliveryMemoryEntry.parse({
    key: kind,
    kind,
    serverId: 'office',
    endpoint: 'relay.example:587',
    learnedAt: now - 2 * minute,
    expiresAt: null,
    ...more,
  });
const networks = [
  SeenNetwork.parse({
    locationId: 'lan',
    name: 'Home',
    isNamed: true,
    isCurrent: true,
    description: 'by cable',
    firstSeenAt: null,
    lastSeenAt: null,
  }),
];

it('tells how long a server is left alone, and when its rest is over', () => {
  const resting = memoryNotes(entry('cool-down', { failures: 3 }), networks, now).join(' · ');
  expect(resting).toContain('failed 3 times in a row');
  expect(resting).toMatch(/left alone until .+, then tried last/);
  const over = memoryNotes(entry('cool-down', { failures: 1, learnedAt: now - 61_000 }), networks, now).join(' · ');
  expect(over).toContain('its rest is over');
  // Only slower than another one: it did not fail.
  expect(memoryNotes(entry('cool-down', { failures: 0 }), networks, now).join()).not.toContain('failed');
});

it('tells where it holds, and for how long', () => {
  const here = memoryNotes(entry('blocked', { locationId: 'lan', expiresAt: now + 60 * minute }), networks, now);
  expect(here).toEqual(['on Home', 'learned 2 minutes ago', 'forgotten in 1 hour']);
  expect(memoryNotes(entry('auth-failed', { locationId: 'gone' }), networks, now)).toEqual([
    'on another network',
    'learned 2 minutes ago',
    'until you forget it',
  ]);
});

it('tells what it was known by', () => {
  const seen = { greetingDomain: 'a.test', ehloDomain: 'b.test', offersStartTls: true, isCertificateValid: true };
  expect(memoryNotes(entry('seen', { seen }), networks, now).slice(0, 3)).toEqual([
    'as a.test, b.test',
    'offers STARTTLS',
    'valid certificate',
  ]);
  const nameless = { greetingDomain: null, ehloDomain: null, offersStartTls: false, isCertificateValid: null };
  expect(memoryNotes(entry('seen', { seen: nameless }), networks, now).slice(0, 2)).toEqual([
    'without a name',
    'no STARTTLS',
  ]);
});

it('has a sentence and a place for every kind', () => {
  for (const kind of DeliveryMemoryEntry.shape.kind.options) {
    const words = memoryInWords(entry(kind, { sender: 'ann@a.test', recipientDomain: 'b.test', octets: 5_000_000 }));
    expect(words).not.toMatch(/[{}]|delivery\./u);
    expect(memoryGroups).toContain(groupOf({ kind }));
  }
});
