import { classifyFailure, type Remember } from './classify-reply.ts';
import type { DeliveryPorts, Lesson } from './deliver.ts';
import type { PlannedAttempt } from './plan-route.ts';
import { noReply, type StageFailure } from './stage-failure.ts';

/** Said of what was on its way when the network turned out to be another one. */
export const elsewhereWords = 'The network changed while it was on its way; it begins anew.';

/** Learned in the background, if this is still the network it was learned on. */
export function learnHere(ports: Pick<DeliveryPorts, 'learn' | 'isSamePlace'>, lesson: Lesson): void {
  if (ports.isSamePlace === undefined) {
    ports.learn(lesson);
    return;
  }
  ports.isSamePlace().then(
    (isSame) => {
      if (isSame) ports.learn(lesson);
    },
    // Without a look there is no place to learn it of.
    () => undefined,
  );
}

/** How an endpoint that was given up waiting for fared in the end. */
export function learnLate(
  at: PlannedAttempt,
  failure: StageFailure | null,
  ports: Pick<DeliveryPorts, 'learn' | 'isSamePlace'>,
): void {
  if (failure === null) {
    learnHere(ports, { kind: 'recovered', at });
    return;
  }
  const verdict = classifyFailure(failure.stage, failure.failure, false);
  if (verdict.remember !== null)
    learnHere(ports, { kind: 'refusal', at, remember: verdict.remember, text: failure.message });
}

/** What a server can carry is the same wherever it is asked from; all else that is remembered depends on where we are. */
export function isOfThisPlace(remember: Remember | null): boolean {
  return remember !== null && remember !== 'refused-size' && remember !== 'lacks-extension';
}

/** Asked before a failure is believed. Who called it off does not care where we are. */
export async function isStillHere(
  { isSamePlace }: Pick<DeliveryPorts, 'isSamePlace'>,
  signal: AbortSignal,
): Promise<boolean> {
  return signal.aborted || isSamePlace === undefined || (await isSamePlace());
}

export function elsewhere(stage: StageFailure['stage']): StageFailure {
  return noReply(stage, 'ECANCELLED', elsewhereWords);
}
