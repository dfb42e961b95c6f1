import type { Attempt } from '#shared/mail/outbox.ts';

/** Every endpoint tried for a message, stage by stage. */
export function AttemptTimeline({ attempts }: { attempts: readonly Attempt[] }) {
  return <ol aria-hidden={attempts.length === 0} />;
}
