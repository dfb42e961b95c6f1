import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LocationId, ServerId } from '#shared/ids.ts';
import { endpointName } from '#shared/mail/endpoint.ts';
import type { Route } from '#shared/mail/identity.ts';
import type { DeliveryMemoryEntry } from '#shared/mail/outbox.ts';
import { learnRefusal, learnSlow, learnSuccess } from './memory.ts';
import { acceptsSender, type PlanInput, planRoute } from './plan-route.ts';
import { here, serverAt } from './testing/servers.ts';

const now = Date.UTC(2026, 10, 21);
const elsewhere = LocationId.parse('location-elsewhere');
const ids = ['s0', 's1', 's2', 's3'].map((id) => ServerId.parse(id));
const senders = ['a@a.example', 'x@x.example'];
const domains = ['b.example', 'c.example'];

const endpoint = fc.record({
  port: fc.integer({ min: 1, max: 4 }),
  security: fc.constantFrom('tls', 'starttls', 'none'),
});
const serverFields = fc.record({
  endpoints: fc.uniqueArray(endpoint, { maxLength: 3, selector: ({ port }) => port }),
  enabled: fc.boolean(),
  kind: fc.constantFrom('relay', 'relay', 'relay', 'direct-mx'),
  senders: fc.option(fc.subarray(['a@a.example', '@x.example', '*']), { nil: undefined }),
  networks: fc.option(
    fc.record({ rule: fc.constantFrom('any', 'only', 'never'), locations: fc.subarray([String(here), 'other']) }),
    { nil: undefined },
  ),
  sizeLimitOctets: fc.option(fc.integer({ min: 1, max: 2000 }), { nil: undefined }),
});
const route: fc.Arbitrary<Route> = fc.oneof(
  fc.constant<Route>({ kind: 'any' }),
  fc.constantFrom(...ids).map((serverId): Route => ({ kind: 'only', serverId })),
  fc.shuffledSubarray(ids, { minLength: 1 }).map((serverIds): Route => ({ kind: 'prefer', serverIds })),
);
const kinds = [
  'success',
  'cool-down',
  'refused-sender',
  'refused-recipient-domain',
  'refused-relaying',
  'refused-size',
  'blocked',
  'auth-failed',
  'something-in-its-place',
  'seen',
  'relay-accepted',
  'lacks-extension',
] as const;
const memoryEntry = fc
  .record({
    kind: fc.constantFrom(...kinds),
    serverId: fc.constantFrom(...ids),
    port: fc.integer({ min: 1, max: 4 }),
    locationId: fc.constantFrom(here, elsewhere),
    sender: fc.constantFrom(...senders),
    recipientDomain: fc.constantFrom(...domains),
    octets: fc.integer({ min: 1, max: 2000 }),
    extension: fc.constantFrom('8BITMIME' as const, 'SMTPUTF8' as const),
    failures: fc.integer({ min: 0, max: 8 }),
    age: fc.integer({ min: 0, max: 4_000_000 }),
  })
  .map(
    ({ port, age, ...fields }): DeliveryMemoryEntry => ({
      ...fields,
      key: JSON.stringify(fields) + port,
      endpoint: `127.0.0.1:${port}`,
      learnedAt: now - age,
      expiresAt: now + 1,
    }),
  );
const input: fc.Arbitrary<PlanInput> = fc
  .record({
    servers: fc.array(serverFields, { maxLength: 4 }),
    route: fc.option(route, { nil: null }),
    memory: fc.array(memoryEntry, { maxLength: 12 }),
    sender: fc.constantFrom(...senders, ''),
    to: fc.subarray(['p@b.example', 'q@c.example'], { minLength: 1 }),
    sizeOctets: fc.integer({ min: 0, max: 2000 }),
    needs: fc.subarray(['8BITMIME' as const, 'SMTPUTF8' as const]),
    lacksSecret: fc.subarray(ids),
    rateLimited: fc.subarray(ids, { maxLength: 1 }),
    override: fc.option(fc.shuffledSubarray(ids, { minLength: 1 }), { nil: undefined }),
  })
  .map((all) => ({
    message: { reversePath: all.sender, recipients: all.to, sizeOctets: all.sizeOctets, needs: all.needs },
    identity: all.route === null ? null : { route: all.route },
    servers: all.servers.map(({ endpoints, ...more }, index) => serverAt(`s${index}`, endpoints, more)),
    location: { locationId: here, isOnline: true },
    memory: all.memory,
    now,
    lacksSecret: new Set(all.lacksSecret),
    rateLimited: new Map(all.rateLimited.map((id) => [id, { figure: '100 an hour', freeAt: now }])),
    ...(all.override === undefined ? {} : { serverIds: all.override }),
  }));

/** What neither need nor “Send now” sets aside. */
function isRule({ kind }: DeliveryMemoryEntry): boolean {
  return kind === 'auth-failed' || kind === 'something-in-its-place';
}

function names({ identity, serverIds }: PlanInput): readonly ServerId[] | null {
  if (serverIds !== undefined) return serverIds;
  if (identity === null || identity.route.kind === 'any') return null;
  return identity.route.kind === 'only' ? [identity.route.serverId] : identity.route.serverIds;
}

const check = (property: (given: PlanInput) => void): void => {
  fc.assert(
    fc.property(input, (given) => {
      property(given);
    }),
    { numRuns: 2000 },
  );
};

describe('planRoute, whatever the servers, the route and the memory', () => {
  it('answers the same to the same question', () => {
    check((given) => expect(planRoute(given)).toEqual(planRoute(structuredClone(given))));
  });

  it('never takes a server the rules forbid', () => {
    check((given) => {
      for (const { server } of planRoute(given).attempts) {
        expect(names(given)?.includes(server.id) ?? true).toBe(true);
        expect(server.enabled).toBe(true);
        if (server.kind === 'direct-mx') expect(names(given)).toContain(server.id);
        expect(acceptsSender(server, given.message.reversePath)).toBe(true);
        expect(server.sizeLimitOctets ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(given.message.sizeOctets);
        const { rule, locations } = server.networks ?? { rule: 'any', locations: [] };
        if (rule !== 'any') expect(locations.includes(here)).toBe(rule === 'only');
        expect(given.lacksSecret?.has(server.id)).toBe(false);
        expect(given.rateLimited?.has(server.id)).toBe(false);
        expect(given.memory.some(({ kind, serverId }) => kind === 'auth-failed' && serverId === server.id)).toBe(false);
      }
    });
  });

  it('says that nobody takes such a message when every server that is not ruled out for good has said so, and only then', () => {
    const forGood = ['disabled', 'route-forbids', 'sender-not-accepted', 'weaker-security', 'no-endpoint'];
    check((given) => {
      const { attempts, skipped, unable } = planRoute(given);
      const { sizeOctets, needs = [] } = given.message;
      const hasSaid = ({ kind, octets = 0, extension }: DeliveryMemoryEntry): boolean =>
        (kind === 'refused-size' && octets <= sizeOctets) ||
        (kind === 'lacks-extension' && extension !== undefined && needs.includes(extension));
      const asked = given.servers.filter(
        ({ id }) =>
          attempts.some(({ server }) => server.id === id) ||
          skipped.some(({ serverId, reason }) => serverId === id && !forGood.includes(reason)),
      );
      const cannot = asked.filter(
        ({ id, sizeLimitOctets = sizeOctets }) =>
          sizeLimitOctets < sizeOctets || given.memory.some((entry) => entry.serverId === id && hasSaid(entry)),
      );
      expect(unable !== undefined).toBe(asked.length > 0 && cannot.length === asked.length);
    });
  });

  it('never lets security fall below that of the first choice, unless the route names the server', () => {
    check((given) => {
      for (const memory of [given.memory, []]) {
        const { attempts } = planRoute({ ...given, memory });
        const isSecure = attempts[0] !== undefined && attempts[0].endpoint.security !== 'none';
        if (isSecure && names(given) === null) {
          expect(attempts.every(({ endpoint: at }) => at.security !== 'none')).toBe(true);
        }
      }
    });
  });

  it('does not lower security because of what is remembered', () => {
    check((given) => {
      const rested = planRoute({
        ...given,
        memory: given.memory.filter(isRule),
      }).attempts;
      if (names(given) !== null || rested[0] === undefined || rested[0].endpoint.security === 'none') return;
      expect(planRoute(given).attempts.every(({ endpoint: at }) => at.security !== 'none')).toBe(true);
    });
  });

  it('is never emptied by memory alone', () => {
    check((given) => {
      const rules = given.memory.filter(isRule);
      const rested = planRoute({ ...given, memory: rules }).attempts;
      expect(planRoute(given).attempts.length > 0).toBe(rested.length > 0);
    });
  });

  it('never sends in clear where something else answers, not even when told to send now; encrypted it may', () => {
    check((given) => {
      const isCaught = (id: ServerId, name: string): boolean =>
        given.memory.some(
          ({ kind, serverId, endpoint: where, locationId }) =>
            kind === 'something-in-its-place' && serverId === id && where === name && locationId === here,
        );
      for (const ignoreMemory of [false, true]) {
        const { attempts, skipped } = planRoute({ ...given, ignoreMemory });
        for (const { server, endpoint: at } of attempts) {
          if (at.security === 'none') expect(isCaught(server.id, endpointName(at))).toBe(false);
        }
        for (const { serverId, reason } of skipped) {
          if (reason !== 'something-in-its-place') continue;
          const server = given.servers.find(({ id }) => id === serverId);
          expect(server?.endpoints.some((at) => isCaught(serverId, endpointName(at)))).toBe(true);
        }
      }
    });
  });

  it('is not changed by what is seen elsewhere, by what merely was seen, or by what was accepted', () => {
    check((given) => {
      const memory = given.memory.filter(
        ({ kind, locationId }) =>
          kind !== 'seen' && kind !== 'relay-accepted' && (kind !== 'something-in-its-place' || locationId === here),
      );
      expect(planRoute(given)).toEqual(planRoute({ ...given, memory }));
    });
  });

  it('gives every server that is not tried one reason, in words', () => {
    check((given) => {
      const { attempts, skipped } = planRoute(given);
      const tried = new Set(attempts.map(({ server }) => server.id));
      const out = given.servers.map(({ id }) => id).filter((id) => !tried.has(id));
      expect(skipped.map(({ serverId }) => serverId)).toEqual(out);
      for (const { detail } of skipped) expect(detail).toMatch(/^[A-Z].*[.!]?/);
    });
  });

  it('tries each endpoint once, and only its own', () => {
    check((given) => {
      const { attempts } = planRoute(given);
      const seen = attempts.map(({ server, endpoint: at }) => `${server.id} ${endpointName(at)}`);
      expect(new Set(seen).size).toBe(seen.length);
      for (const { server, endpoint: at } of attempts) {
        if (server.kind === 'relay') expect(server.endpoints).toContainEqual(at);
      }
    });
  });

  it('asks no memory when told not to', () => {
    check((given) => {
      const memory = given.memory.filter((entry) => !isRule(entry));
      expect(planRoute({ ...given, memory, ignoreMemory: true })).toEqual(planRoute({ ...given, memory: [] }));
    });
  });
});

describe('planRoute by example', () => {
  const one = serverAt('s0', [1]);
  const two = serverAt('s1', [2]);
  const ask = (memory: DeliveryMemoryEntry[], more: Partial<PlanInput> = {}) =>
    planRoute({
      message: { reversePath: 'a@a.example', recipients: ['p@b.example'], sizeOctets: 100 },
      identity: { route: { kind: 'any' } },
      servers: [one, two],
      location: { locationId: here, isOnline: true },
      memory,
      now,
      ...more,
    });
  const at = (server: typeof one, more = {}) => ({
    serverId: server.id,
    endpoint: `127.0.0.1:${server.endpoints[0]?.port}`,
    locationId: here,
    sender: 'a@a.example',
    octets: 100,
    now,
    ...more,
  });
  const order = (plan: ReturnType<typeof ask>) => plan.attempts.map(({ server }) => server.id);
  const reasons = (plan: ReturnType<typeof ask>) => plan.skipped.map(({ serverId, reason }) => [serverId, reason]);

  it('puts what worked last on this network first', () => {
    const { entries } = learnSuccess([], at(two));
    expect(order(ask(entries))).toEqual(['s1', 's0']);
    expect(order(ask(entries, { location: { locationId: elsewhere, isOnline: true } }))).toEqual(['s0', 's1']);
  });

  it('sends straight to the receiving servers only when the route names that, between servers that encrypt too', () => {
    const direct = serverAt('s2', [], { kind: 'direct-mx' });
    const safe = serverAt('s1', [{ port: 2, security: 'tls' }]);
    const { id } = direct;
    expect(reasons(ask([], { servers: [direct, one] }))).toEqual([['s2', 'route-forbids']]);
    expect(reasons(ask([], { servers: [safe, direct] }))).toEqual([['s2', 'weaker-security']]);
    expect(reasons(ask([], { servers: [direct, safe] }))).toEqual([['s2', 'weaker-security']]);
    expect(order(ask([], { servers: [direct], identity: null }))).toEqual([]);
    const named = { identity: { route: { kind: 'prefer' as const, serverIds: [safe.id, id] } } };
    expect(order(ask([], { servers: [direct, safe], ...named }))).toEqual(['s1', 's2']);
    expect(order(ask([], { servers: [direct, safe], serverIds: [id] }))).toEqual(['s2']);
    const through = serverAt('s2', [], {
      kind: 'direct-mx',
      proxy: { kind: 'socks5', host: 'p.example', port: 1080 },
    });
    expect(reasons(ask([], { servers: [through], serverIds: [id] }))).toEqual([['s2', 'not-supported']]);
  });

  it('keeps the order a route asks for', () => {
    const { entries } = learnSuccess([], at(two));
    const identity = { route: { kind: 'prefer' as const, serverIds: [one.id, two.id] } };
    expect(order(ask(entries, { identity }))).toEqual(['s0', 's1']);
  });

  it('leaves a server that just failed alone for a minute, then puts it last until it is well', () => {
    const { entries } = learnRefusal([], 'cool-down', at(one));
    expect(reasons(ask(entries))).toEqual([['s0', 'cooling-down']]);
    expect(order(ask(entries, { now: now + 61_000 }))).toEqual(['s1', 's0']);
    expect(order(ask(entries, { now: now + 25 * 3_600_000 }))).toEqual(['s0', 's1']);
  });

  it('believes nothing that was learned while the clock was a year ahead', () => {
    const ahead = now + 365 * 24 * 3_600_000;
    for (const remember of ['cool-down', 'refused-sender', 'refused-size', 'blocked'] as const)
      expect(order(ask(learnRefusal([], remember, at(one, { now: ahead })).entries))).toEqual(['s0', 's1']);
    const password = learnRefusal([], 'auth-failed', at(one, { now: ahead })).entries;
    expect(reasons(ask(password))).toEqual([['s0', 'auth-failed']]);
    expect(order(ask(password, { ignoreMemory: true }))).toEqual(['s0', 's1']);
  });

  it('doubles the time up to half an hour', () => {
    let memory: DeliveryMemoryEntry[] = [];
    let moment = now;
    const waits: number[] = [];
    for (let failure = 0; failure < 8; failure += 1) {
      memory = learnRefusal(memory, 'cool-down', at(one, { now: moment })).entries;
      let wait = 0;
      while (ask(memory, { now: moment + wait }).skipped.length > 0) wait += 30_000;
      waits.push(wait / 60_000);
      moment += wait;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
  });

  it('counts failures that several messages met at once as one', () => {
    const first = learnRefusal([], 'cool-down', at(one)).entries;
    const second = learnRefusal(first, 'cool-down', at(one, { now: now + 50 })).entries;
    expect(second[0]).toMatchObject({ failures: 1, learnedAt: now });
  });

  it('leaves out the port in clear at which something else answers here, and only that, until it lapses', () => {
    const two25 = serverAt('s0', [
      { port: 1, security: 'none' },
      { port: 2, security: 'starttls' },
    ]);
    const caught: DeliveryMemoryEntry = {
      key: 'k',
      kind: 'something-in-its-place',
      serverId: one.id,
      endpoint: '127.0.0.1:1',
      locationId: here,
      text: 'Somebody else.',
      learnedAt: now,
      expiresAt: now + 1000,
    };
    expect(ask([caught]).skipped).toEqual([
      { serverId: 's0', reason: 'something-in-its-place', detail: 'Somebody else.' },
    ]);
    expect(order(ask([caught], { servers: [one] }))).toEqual([]);
    expect(order(ask([caught], { servers: [one], ignoreMemory: true }))).toEqual([]);
    expect(order(ask([caught], { servers: [one], serverIds: [one.id] }))).toEqual([]);
    const encrypted = serverAt('s0', [{ port: 1, security: 'tls' }]);
    expect(order(ask([caught], { servers: [encrypted] }))).toEqual(['s0']);
    const rest = ask([caught], { servers: [two25] });
    expect([rest.attempts.map(({ endpoint: at }) => at.port), rest.skipped]).toEqual([[2], []]);
    expect(order(ask([caught], { location: { locationId: elsewhere, isOnline: true } }))).toEqual(['s0', 's1']);
    expect(order(ask([caught], { now: now + 2000 }))).toEqual(['s0', 's1']);
  });

  it('lets a slow one go last at once', () => {
    expect(order(ask(learnSlow([], at(one)).entries))).toEqual(['s1', 's0']);
  });

  it('keeps a refusal to the sender, the domain and the size it was about', () => {
    const sender = learnRefusal([], 'refused-sender', at(one)).entries;
    expect(reasons(ask(sender))).toEqual([['s0', 'refused-sender']]);
    const other = { reversePath: 'z@a.example', recipients: ['p@b.example'], sizeOctets: 100 };
    expect(order(ask(sender, { message: other }))).toEqual(['s0', 's1']);
    const domain = learnRefusal([], 'refused-recipient-domain', at(one, { recipientDomain: 'b.example' })).entries;
    expect(reasons(ask(domain))).toEqual([['s0', 'refused-recipient-domain']]);
    const size = learnRefusal([], 'refused-size', at(one)).entries;
    expect(reasons(ask(size))).toEqual([['s0', 'too-large']]);
    expect(order(ask(size, { message: { ...other, sizeOctets: 99 } }))).toEqual(['s0', 's1']);
  });

  it('lets a server that relays for nobody take mail for the domains it was seen to take it for, and no other', () => {
    const [refusal] = learnRefusal([], 'refused-relaying', at(one)).entries;
    if (refusal === undefined) throw new Error('Nothing was learnt.');
    const memory = [{ ...refusal, localDomains: ['c.example'] }];
    const to = (...recipients: string[]) => ({
      message: { reversePath: 'a@a.example', recipients, sizeOctets: 100 },
    });
    expect(order(ask(memory, to('q@c.example')))).toEqual(['s0', 's1']);
    expect(reasons(ask(memory, to('p@b.example')))).toEqual([['s0', 'refused-relaying']]);
    expect(reasons(ask(memory, to('q@c.example', 'p@b.example')))).toEqual([['s0', 'refused-relaying']]);
  });
});
