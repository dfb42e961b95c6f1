import { LocationId, ServerId } from '#shared/ids.ts';
import type { DeliveryMemoryEntry } from '#shared/mail/outbox.ts';
import { OutgoingServer } from '#shared/mail/outgoing-server.ts';
import { type PlanInput, planRoute } from '../src-main/core/outgoing/plan-route.ts';

const servers = 50;
const plans = 5000;
const here = LocationId.parse('here');
const elsewhere = LocationId.parse('elsewhere');
const now = Date.UTC(2026, 10, 21, 12);

function server(index: number): OutgoingServer {
  const host = `smtp${index}.example.net`;
  const security = (['tls', 'starttls', 'none'] as const)[index % 3] ?? 'tls';
  return OutgoingServer.parse({
    id: `server-${index}`,
    label: `Server ${index}`,
    auth: { method: 'none' },
    endpoints: [587, 465, 25].map((port) => ({ host, port, security })),
    ...(index % 7 === 0 ? { senders: ['@example.com', 'bench@example.org'] } : {}),
    ...(index % 11 === 0 ? { networks: { rule: 'never', locations: ['elsewhere'] } } : {}),
  });
}

/** Ten facts of each server, of all kinds, learned here and elsewhere. */
function memoryOf({ id, endpoints }: OutgoingServer): DeliveryMemoryEntry[] {
  const [endpoint] = endpoints.map(({ host, port }) => `${host}:${port}`);
  const fact = (kind: DeliveryMemoryEntry['kind'], locationId: LocationId, more: object = {}): DeliveryMemoryEntry => ({
    key: `${kind}|${id}|${locationId}|${JSON.stringify(more)}`,
    kind,
    serverId: ServerId.parse(id),
    locationId,
    ...(endpoint === undefined ? {} : { endpoint }),
    learnedAt: now - 60_000,
    expiresAt: now + 3_600_000,
    ...more,
  });
  return [here, elsewhere].flatMap((at) => [
    fact('success', at, { durationMs: 200 }),
    fact('cool-down', at, { failures: 2 }),
    fact('refused-sender', at, { sender: 'other@example.org' }),
    fact('refused-recipient-domain', at, { sender: 'bench@example.org', recipientDomain: 'elsewhere.example' }),
    fact('refused-size', at, { octets: 10_000_000 }),
  ]);
}

/** The row “planning a route over 50 servers: under 1 ms”. */
export function benchPlan(): string {
  const all = Array.from({ length: servers }, (_, index) => server(index));
  const memory = all.flatMap(memoryOf);
  const input: PlanInput = {
    message: { reversePath: 'bench@example.org', recipients: ['a@example.net', 'b@example.com'], sizeOctets: 50_000 },
    identity: { route: { kind: 'any' } },
    servers: all,
    location: { locationId: here, isOnline: true },
    memory,
    now,
  };
  const micros: number[] = [];
  let attempts = 0;
  const before = process.cpuUsage();
  for (let index = 0; index < plans; index += 1) {
    const begin = performance.now();
    attempts = planRoute(input).attempts.length;
    micros.push((performance.now() - begin) * 1000);
  }
  const { user, system } = process.cpuUsage(before);
  const first = micros[0] ?? Number.NaN;
  micros.sort((a, b) => a - b);
  const at = (share: number): string => (micros[Math.floor(micros.length * share)] ?? Number.NaN).toFixed(0);
  return [
    `Plan a route over ${servers} servers with ${memory.length} remembered facts (${plans} plans, ${attempts} attempts each; aim: under 1000 µs)`,
    `  median ${at(0.5)} µs, p95 ${at(0.95)} µs, p99 ${at(0.99)} µs, the very first ${first.toFixed(0)} µs; ${((user + system) / plans).toFixed(0)} µs of processor each`,
  ].join('\n');
}
