import { endpointName } from '#shared/mail/endpoint.ts';
import type { NetworkLocation, RouteExplanation } from '#shared/mail/outbox.ts';
import { cannotInWords } from './inability.ts';
import { type PlanInput, planRoute } from './plan-route.ts';

/** The route a message would take now, in words. */
export function explainRoute(input: PlanInput, location: NetworkLocation): RouteExplanation {
  const plan = planRoute(input);
  return {
    attempts: plan.attempts.map(({ server, endpoint, why }) => ({
      serverId: server.id,
      serverLabel: server.label,
      endpoint: endpointName(endpoint),
      why,
    })),
    skipped: plan.skipped,
    location,
    ...(plan.unable === undefined ? {} : { cannot: cannotInWords(plan.unable, input.message.sizeOctets) }),
  };
}
