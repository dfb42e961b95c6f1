import { assertNever } from '#shared/assert-never.ts';
import type { Attempt } from '#shared/mail/outbox.ts';
import { type AttemptLog, createAttemptLog } from './attempt-log.ts';
import type { Verdict } from './classify-reply.ts';
import type { Race } from './connect-race.ts';
import type { Delivery, DeliveryPorts } from './deliver.ts';
import type { Opened } from './open-attempt.ts';
import type { PlannedAttempt } from './plan-route.ts';

/** Where a delivery stands on its way through the plan. */
export interface State {
  readonly delivery: Delivery;
  readonly ports: DeliveryPorts;
  readonly race: Race<PlannedAttempt, Opened>;
  readonly attempts: Attempt[];
  /** Endpoints that lost commands sent together, and how many of them they answered. */
  readonly answeredTogether: Map<PlannedAttempt, number>;
  pending: string[];
  isContentRefused: boolean;
  ownFault?: string;
  isStopped: boolean;
}

/** Begins the log of an endpoint tried. */
export function newLog(
  { server, endpoint }: PlannedAttempt,
  { locationId }: Delivery,
  ports: DeliveryPorts,
): AttemptLog {
  return createAttemptLog({ server, endpoint, locationId, startedAt: ports.now() });
}

/** Keeps an attempt that is over, and tells of it. */
export function finish(state: State, attempt: Attempt): void {
  state.attempts.push(attempt);
  state.ports.attempted(attempt);
}

/** Who may still be asked, by the verdict. */
export function follow(state: State, at: PlannedAttempt, verdict: Verdict | undefined): void {
  if (verdict === undefined) return;
  switch (verdict.next) {
    case 'next-endpoint':
      break;
    case 'next-server':
    case 'fail-recipient':
    case 'hold-uncertain':
      // RFC 5321 §5.1: the servers of a domain stand in for each other; what one cannot do now, the next one may.
      if (at.isOpportunistic === true && verdict.outcome === 'transient') break;
      state.race.drop(({ server }) => server.id === at.server.id);
      break;
    case 'hold-content':
      state.isContentRefused = true;
      state.isStopped = true;
      break;
    case 'stop-cancelled':
      state.isStopped = true;
      break;
    default:
      assertNever(verdict.next);
  }
}
