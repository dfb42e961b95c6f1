import { domainOf } from '#shared/mail/address.ts';
import type { Attempt } from '#shared/mail/outbox.ts';
import { type AttemptLog, createAttemptLog } from './attempt-log.ts';
import { type Delivery, type DeliveryEnd, type DeliveryPorts, deliver, type Lesson } from './deliver.ts';
import { isStillHere } from './learn-here.ts';
import { findMailExchangers, type MailExchangers, type MailResolver, systemMailResolver } from './mail-exchangers.ts';
import type { PlannedAttempt } from './plan-route.ts';
import { reachForeign } from './reach-foreign.ts';
import { StageFailure } from './stage-failure.ts';

/** What direct delivery needs besides; tests hand in their own name service. */
export interface AlongPorts extends DeliveryPorts {
  readonly resolver?: MailResolver;
}

/** The port where servers take mail for their own domains (RFC 5321 §4.5.4.2). */
const mxPort = 25;

/**
 * Works through a plan in which direct delivery may stand between relays: each stretch of relays as a whole, direct
 * delivery domain by domain. What `deliver` promises holds for the whole.
 */
export async function deliverAlong(delivery: Delivery, ports: AlongPorts): Promise<DeliveryEnd> {
  const legs = legsOf(delivery.plan);
  const [only] = legs;
  if (only === undefined || (legs.length === 1 && !isDirect(only))) return deliver(delivery, ports);
  const whole: DeliveryEnd = { attempts: [], isContentRefused: false, pending: [...delivery.recipients] };
  const { lane, ...rest } = delivery;
  return await legs
    .reduce<Promise<DeliveryEnd>>(async (before, leg, index) => {
      const end = await before;
      if (end.pending.length === 0 || end.isContentRefused || delivery.signal.aborted) return end;
      const part = { ...rest, recipients: end.pending, plan: leg, hasMore: index < legs.length - 1 };
      const place = index === 0 && lane !== undefined ? { lane } : {};
      const next = isDirect(leg) ? await deliverDirect(part, ports) : await deliver({ ...part, ...place }, ports);
      return { ...next, attempts: [...end.attempts, ...next.attempts] };
    }, Promise.resolve(whole))
    .finally(() => lane?.release());
}

function isDirect(leg: readonly PlannedAttempt[]): boolean {
  return leg[0]?.server.kind === 'direct-mx';
}

/** Runs of relays, and each direct delivery by itself. */
function legsOf(plan: readonly PlannedAttempt[]): PlannedAttempt[][] {
  const legs: PlannedAttempt[][] = [];
  for (const at of plan) {
    const last = legs.at(-1);
    if (last === undefined || isDirect(last) || at.server.kind === 'direct-mx') legs.push([at]);
    else last.push(at);
  }
  return legs;
}

/** One transaction for each domain, with the servers the domain names (RFC 5321 §5). */
async function deliverDirect(delivery: Delivery, ports: AlongPorts): Promise<DeliveryEnd> {
  const attempts: DeliveryEnd['attempts'] = [];
  const pending: string[] = [];
  let isContentRefused = false;
  const resolver = ports.resolver ?? systemMailResolver();
  for (const [domain, mailboxes] of Map.groupBy(delivery.recipients, domainOf)) {
    if (delivery.signal.aborted) {
      pending.push(...mailboxes);
      continue;
    }
    const own = await toDomain(domain, { ...delivery, recipients: mailboxes }, ports, resolver);
    attempts.push(...own.attempts);
    pending.push(...own.pending);
    isContentRefused ||= own.isContentRefused;
  }
  return { attempts, pending, isContentRefused };
}

async function toDomain(
  domain: string,
  delivery: Delivery,
  ports: AlongPorts,
  resolver: MailResolver,
): Promise<DeliveryEnd> {
  const [direct] = delivery.plan;
  if (direct === undefined) return { attempts: [], isContentRefused: false, pending: [...delivery.recipients] };
  const startedAt = ports.now();
  const endpoint = { host: domain, port: mxPort };
  const log = createAttemptLog({ server: direct.server, endpoint, locationId: delivery.locationId, startedAt });
  log.enter('resolve');
  try {
    const found = await findMailExchangers(domain, resolver, delivery);
    if (found.kind === 'hosts') return await toHosts(domain, found.hosts, direct, delivery, ports);
    return await refuseAll(found, log, direct, delivery, ports);
  } catch (error) {
    if (!(error instanceof StageFailure)) throw error;
    // Another network has another name service; who notices it here begins anew there.
    await isStillHere(ports, delivery.signal);
    return notFound(error, log, delivery, ports);
  }
}

async function toHosts(
  domain: string,
  hosts: readonly string[],
  direct: PlannedAttempt,
  delivery: Delivery,
  ports: AlongPorts,
): Promise<DeliveryEnd> {
  const plan = hosts.map((host) => ({
    // These are strangers: nobody signs in there.
    server: { ...direct.server, auth: { method: 'none' as const } },
    endpoint: { host, port: mxPort, security: 'none' as const },
    why: `It takes the mail of ${domain}.`,
    isOpportunistic: true,
  }));
  const reach: DeliveryPorts['reach'] = ports.reach ?? reachForeign;
  // What the servers of one domain say is no fact about direct delivery to the others; how one is spoken to is its own.
  let cannot: string | undefined;
  const learn: DeliveryPorts['learn'] = (lesson) => {
    if (isInability(lesson)) cannot = lesson.text;
    if (lesson.kind === 'success') ports.learn({ ...lesson, at: direct });
    else if (lesson.kind === 'no-pipelining') ports.learn(lesson);
  };
  const { offered: _offered, ...rest } = ports;
  const end = await deliver({ ...delivery, plan }, { ...rest, reach, learn });
  if (cannot === undefined || delivery.hasMore === true || end.attempts.at(-1)?.outcome !== 'permanent') return end;
  // The domain's own server says so, and nobody else takes mail for it: another time it says the same (RFC 5321 §4.2.1).
  const text = cannot;
  await ports.settled(end.pending.map((mailbox) => ({ mailbox, state: 'refused', serverId: direct.server.id, text })));
  return { ...end, pending: [] };
}

/** The message as it is will never do there. */
function isInability(lesson: Lesson): lesson is Extract<Lesson, { kind: 'refusal' }> {
  return lesson.kind === 'refusal' && (lesson.remember === 'refused-size' || lesson.remember === 'lacks-extension');
}

/** The domain takes no mail at all: that is final, and told as the reply of a server would be. */
async function refuseAll(
  { enhancedStatusCode, text }: Extract<MailExchangers, { kind: 'none' }>,
  log: AttemptLog,
  { server }: PlannedAttempt,
  { recipients }: Delivery,
  ports: AlongPorts,
): Promise<DeliveryEnd> {
  await ports.settled(
    recipients.map((mailbox) => ({ mailbox, state: 'refused', serverId: server.id, enhancedStatusCode, text })),
  );
  log.fail(text);
  const who = recipients.length === 1 ? 'This recipient' : 'These recipients';
  const attempt: Attempt = {
    ...log.snapshot(),
    outcome: 'permanent',
    enhancedStatusCode,
    text,
    recipients: recipients.map((mailbox) => ({ mailbox, text })),
    meaning: `${who} cannot be reached by mail; check the address.`,
  };
  ports.attempted(attempt);
  return { attempts: [attempt], isContentRefused: false, pending: [] };
}

function notFound(failure: StageFailure, log: AttemptLog, delivery: Delivery, ports: AlongPorts): DeliveryEnd {
  const { hasMore, recipients, signal } = delivery;
  const text = failure.message;
  log.fail(text);
  const then = hasMore === true ? 'the next server is tried' : 'the message waits in the Outbox';
  const attempt: Attempt = {
    ...log.snapshot(),
    outcome: signal.aborted ? 'cancelled' : 'unreachable',
    text,
    meaning: `It could not be found out where to send it; ${then}.`,
  };
  ports.attempted(attempt);
  return { attempts: [attempt], isContentRefused: false, pending: [...recipients] };
}
