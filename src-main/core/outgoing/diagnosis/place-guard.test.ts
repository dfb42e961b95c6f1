import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { LocationId, ServerId } from '#shared/ids.ts';
import type { DeliveryMemoryEntry } from '#shared/mail/outbox.ts';
import type { MemoryChange } from '../memory.ts';
import { noReply, StageFailure } from '../stage-failure.ts';
import { type At, createPlaceGuard, type Lookups, type Met, type PlaceGuard } from './place-guard.ts';
import { compareSeen, learnAccepted, type Seen } from './sightings.ts';

const home = LocationId.parse('home');
const hotel = LocationId.parse('hotel');
const office = LocationId.parse('office');
const serverId = ServerId.parse('s');

const known = new Map<string, DeliveryMemoryEntry>();
const writes: MemoryChange[] = [];
let now = 1_000_000;
let names: Record<string, string[]> = {};
let aliases: string[] = [];
const lookups: Lookups = {
  addressesOf: async (name) => names[name] ?? Promise.reject(new Error('no such name')),
  aliasesOf: async () => aliases,
};
const memory = {
  entries: () => [...known.values()],
  change(change: MemoryChange) {
    if (change.entries.length + change.removedKeys.length > 0) writes.push(change);
    for (const key of change.removedKeys) known.delete(key);
    for (const entry of change.entries) known.set(entry.key, entry);
  },
};
let guard: PlaceGuard;
/** Where the laptop was said to be last, and where it really is when that is somewhere else. */
let asked = home;
let where: LocationId | undefined;
beforeEach(() => {
  known.clear();
  writes.length = 0;
  names = {};
  aliases = [];
  now = 1_000_000;
  where = undefined;
  guard = createPlaceGuard({
    memory,
    clock: { now: () => now },
    whereNow: async () => where ?? asked,
    lookups,
  });
});

const at = (locationId: LocationId, more: Partial<At['endpoint']> = {}): At => {
  asked = locationId;
  return { serverId, locationId, endpoint: { host: 'mail.firm.example', port: 25, security: 'none', ...more } };
};
const called = (greeting: string, more: Partial<Met> = {}): Met => ({
  greeting: `${greeting} ESMTP`,
  ehlo: `${greeting} Hello`,
  offersStartTls: false,
  isSecured: false,
  remoteAddress: '192.0.2.25',
  signal: new AbortController().signal,
  ...more,
});
const kinds = (): string[] => memory.entries().map(({ kind }) => kind);
async function stops(where: At, met: Met): Promise<string> {
  const error: unknown = await guard.meet(where, met).then(
    () => null,
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(StageFailure);
  expect(error).toMatchObject({ stage: 'ehlo', failure: { code: 'EINTERCEPTED' } });
  return error instanceof Error ? error.message : '';
}

describe('who answers in clear', () => {
  it('is believed the first time, with a remark when it has another domain than its host', async () => {
    expect(await guard.meet(at(home), called('mx3.firm.example'))).toBeUndefined();
    known.clear();
    expect(await guard.meet(at(home), called('cluster7.hoster.example'))).toMatch(/hoster\.example, not firm\.example/);
    expect(kinds()).toEqual(['seen']);
  });

  it('may be any machine of the pool, and writes nothing down for it', async () => {
    for (let number = 0; number < 50; number += 1) {
      await guard.meet(at(number % 2 === 0 ? home : hotel), called(`mx${number}.hoster.example`));
    }
    expect(writes).toHaveLength(1);
  });

  it('is not the server when it has another domain, on any network: nothing is sent, and it is remembered for here', async () => {
    await guard.meet(at(home), called('mx.hoster.example'));
    expect(await stops(at(hotel), called('relay.hotel.example'))).toBe(
      'Something else answers in the place of mail.firm.example:25 on this network. It calls itself hotel.example; before, it was hoster.example.',
    );
    expect(memory.entries().find(({ kind }) => kind === 'something-in-its-place')).toMatchObject({
      locationId: hotel,
      endpoint: 'mail.firm.example:25',
      seen: { greetingDomain: 'hotel.example' },
    });
    const before = writes.length;
    await stops(at(hotel), called('relay2.hotel.example'));
    expect(writes).toHaveLength(before);
    await guard.meet(at(home), called('mx9.hoster.example'));
    expect(kinds()).toContain('something-in-its-place');
  });

  it('is told of the network we are really on, when the laptop was carried off a moment ago', async () => {
    await guard.meet(at(home), called('mx.hoster.example'));
    where = hotel;
    await stops(at(home), called('relay.hotel.example'));
    expect(memory.entries().find(({ kind }) => kind === 'something-in-its-place')).toMatchObject({ locationId: hotel });
  });

  it('clears the doubt about this network when it is the server again', async () => {
    await guard.meet(at(home), called('mx.hoster.example'));
    await stops(at(hotel), called('relay.hotel.example'));
    await guard.meet(at(hotel), called('mx.hoster.example'));
    expect(kinds()).toEqual(['seen']);
  });

  it.each([
    ['localhost', 'a single label'],
    ['[192.0.2.1]', 'an address'],
    ['****************', 'a mask'],
    ['', 'nothing'],
  ])('saying %s (%s) raises no alarm by itself, but does with STARTTLS gone', async (greeting) => {
    await guard.meet(at(home), called('mx.hoster.example', { offersStartTls: true }));
    await guard.meet(at(hotel), called(greeting, { offersStartTls: true }));
    expect(kinds()).toEqual(['seen']);
    await stops(at(hotel), called(greeting));
    // Caught once, silence is not good enough any more.
    await stops(at(hotel), called(greeting, { offersStartTls: true }));
  });

  it('may stop offering STARTTLS as long as it keeps its name: in clear nothing is lost by that', async () => {
    await guard.meet(at(home), called('mx.hoster.example', { offersStartTls: true }));
    await guard.meet(at(home), called('mx.hoster.example'));
    expect(writes).toHaveLength(1);
  });

  it('that never gave a name may begin to', async () => {
    await guard.meet(at(home), called('localhost'));
    await guard.meet(at(home), called('mx.hoster.example'));
    await guard.meet(at(home), called('localhost'));
    expect(kinds()).toEqual(['seen', 'seen']);
  });

  it('may take the name of its host, or one its certificate vouched for on another port', async () => {
    await guard.meet(at(home), called('mx.hoster.example'));
    await guard.meet(at(hotel), called('mail.firm.example'));
    await guard.meet(
      at(home, { port: 587, security: 'starttls' }),
      called('smtp.newhoster.example', { isSecured: true }),
    );
    await guard.meet(at(hotel), called('smtp2.newhoster.example'));
    expect(kinds()).not.toContain('something-in-its-place');
  });

  it('on a port never used is compared with the other ports of the host', async () => {
    await guard.meet(at(home, { port: 587, security: 'starttls' }), called('mx.hoster.example', { isSecured: true }));
    await stops(at(hotel), called('relay.hotel.example'));
  });

  it('is trusted whatever its name where its certificate holds, and only learned from', async () => {
    const safe = at(home, { port: 465, security: 'tls' });
    await guard.meet(safe, called('a.one.example', { isSecured: true }));
    await guard.meet(safe, called('b.two.example', { isSecured: true }));
    await guard.meet(safe, called('c.two.example', { isSecured: true }));
    expect(kinds()).toEqual(['seen', 'seen']);
  });

  it('keeps a bounded number of faces', async () => {
    const safe = at(home, { port: 465, security: 'tls' });
    for (let number = 0; number < 40; number += 1) {
      now += 1;
      await guard.meet(safe, called(`mx.n${number}.example`, { isSecured: true }));
    }
    expect(kinds()).toHaveLength(8);
    expect(memory.entries().some(({ seen }) => seen?.greetingDomain === 'n39.example')).toBe(true);
  });

  it('is another matter for another server at the same address', async () => {
    await guard.meet(at(home), called('mx.hoster.example'));
    await guard.meet({ ...at(hotel), serverId: ServerId.parse('t') }, called('relay.hotel.example'));
  });
});

describe('a provider that moves', () => {
  it('is believed on the second network that shows it, when the new name leads to the address we reached', async () => {
    await guard.meet(at(home), called('mx.old.example'));
    names = { 'mx.new.example': ['2001:db8::1', '192.0.2.25'] };
    await stops(at(home), called('mx.new.example'));
    await stops(at(home), called('mx.new.example'));
    expect(await guard.meet(at(office), called('mx.new.example', { remoteAddress: '::ffff:192.0.2.25' }))).toMatch(
      /new name/,
    );
    expect(kinds()).toEqual(['seen']);
    await guard.meet(at(home), called('mx.new.example'));
    await stops(at(home), called('mx.old.example'));
  });

  it('is believed too when its host is now an alias of the new name', async () => {
    await guard.meet(at(home), called('mx.old.example'));
    aliases = ['in.new.example'];
    await stops(at(home), called('mx.new.example'));
    await guard.meet(at(office), called('mx.new.example'));
  });

  it('is not a chain of hotels, whose relay has an address of its own', async () => {
    await guard.meet(at(home), called('mx.old.example'));
    names = { 'relay.hotel.example': ['198.51.100.1'] };
    await stops(at(hotel), called('relay.hotel.example'));
    await stops(at(office), called('relay.hotel.example'));
  });

  it('cannot be told through a proxy', async () => {
    await guard.meet(at(home), called('mx.old.example'));
    names = { 'mx.new.example': ['192.0.2.25'] };
    await stops(at(home), called('mx.new.example', { remoteAddress: undefined }));
    await stops(at(office), called('mx.new.example', { remoteAddress: undefined }));
  });
});

describe('a relay the user accepted', () => {
  const place = (locationId: LocationId) => ({ serverId, endpoint: 'mail.firm.example:25', locationId });
  const accept = (locationId: LocationId, seen?: Seen): void => {
    memory.change(learnAccepted(place(locationId), seen, { now, text: '' }));
  };
  const ofHotel: Seen = {
    greetingDomain: 'hotel.example',
    ehloDomain: 'hotel.example',
    offersStartTls: false,
    isCertificateValid: null,
  };

  it('is used on its network and on no other, and is not taken for the server', async () => {
    await guard.meet(at(home), called('mx.hoster.example'));
    await stops(at(hotel), called('relay.hotel.example'));
    accept(hotel, ofHotel);
    expect(kinds()).toEqual(['seen', 'relay-accepted']);
    await guard.meet(at(hotel), called('relay2.hotel.example'));
    await stops(at(office), called('relay.hotel.example'));
    await stops(at(hotel), called('somebody.else.example'));
    expect(memory.entries().filter(({ kind }) => kind === 'seen')).toHaveLength(1);
  });

  it('accepted unseen is whoever answers next, and stays that', async () => {
    await guard.meet(at(home), called('mx.hoster.example'));
    accept(hotel);
    await guard.meet(at(hotel), called('relay.hotel.example'));
    await stops(at(hotel), called('somebody.else.example'));
  });
});

describe('an encrypted endpoint that fails', () => {
  const safe = at(hotel, { port: 587, security: 'starttls' });
  const codes = ['ENOSTARTTLS', 'ECERT_SELFSIGNED', 'ECERT_HOST', 'ECERT_UNTRUSTED', 'ECERT_CHANGED'] as const;

  it.each(codes)('%s: says what it may be when it was well before, and only then', async (code) => {
    const failure = noReply('tls', code, 'It failed.');
    expect(guard.suspect(safe, failure)).toBe(failure);
    await guard.meet({ ...safe, locationId: home }, called('mx.hoster.example', { isSecured: true }));
    expect(guard.suspect(safe, failure).message).toBe(
      'It failed. It did not fail so before: something else may answer in its place on this network.',
    );
    expect(guard.suspect(safe, failure).failure).toMatchObject({ code });
  });

  it('is not suspected for a certificate out of date, or for not being reached', async () => {
    await guard.meet({ ...safe, locationId: home }, called('mx.hoster.example', { isSecured: true }));
    for (const code of ['ECERT_EXPIRED', 'EREFUSED', 'ETIMEOUT'] as const) {
      const failure = noReply('tls', code, 'It failed.');
      expect(guard.suspect(safe, failure)).toBe(failure);
    }
  });
});

it('never raises an alarm over what was seen before, nor over the first sight', () => {
  const domain = fc.option(fc.constantFrom('a.example', 'b.example', 'c.example'));
  const seen = fc.record<Seen>({
    greetingDomain: domain,
    ehloDomain: domain,
    offersStartTls: fc.boolean(),
    isCertificateValid: fc.constantFrom(true, null),
  });
  fc.assert(
    fc.property(fc.array(seen, { maxLength: 5 }), seen, fc.subarray(['a.example', 'd.example']), (before, now, own) => {
      expect(compareSeen(now, [], own).kind).toBe('first');
      const named = now.greetingDomain !== null || now.ehloDomain !== null;
      if (named) expect(compareSeen(now, [...before, now], own).kind).toBe('fits');
      const verdict = compareSeen(now, before, own);
      const isKnown = before.some((old) =>
        [old.greetingDomain, old.ehloDomain].some(
          (one) => one !== null && (one === now.greetingDomain || one === now.ehloDomain),
        ),
      );
      if (isKnown) expect(verdict.kind).toBe('fits');
      if (verdict.kind === 'contradicts') expect(isKnown).toBe(false);
    }),
  );
});
