import type { ServerId } from '#shared/ids.ts';
import type { Skipped, SkipReason } from '#shared/mail/outbox.ts';

/** Servers left out for the same reason, said in one line. */
export interface SkippedGroup {
  readonly serverIds: readonly ServerId[];
  readonly reason: SkipReason;
  /** Absent where it would say the reason again in other words. */
  readonly detail?: string;
}

/** Reasons that say it all. */
const plainReasons: ReadonlySet<SkipReason> = new Set([
  'disabled',
  'route-forbids',
  'network-not-allowed',
  'needs-password',
  'no-endpoint',
]);

/** In their order; those the route does not name come together, and last: there may be many, and nothing is wrong with them. */
export function groupSkipped(skipped: readonly Skipped[]): SkippedGroup[] {
  const forbidden = skipped.filter(({ reason }) => reason === 'route-forbids').map(({ serverId }) => serverId);
  const others = skipped
    .filter(({ reason }) => reason !== 'route-forbids')
    .map(({ serverId, reason, detail }) => ({
      serverIds: [serverId],
      reason,
      ...(detail === undefined || plainReasons.has(reason) ? {} : { detail }),
    }));
  return forbidden.length === 0 ? others : [...others, { serverIds: forbidden, reason: 'route-forbids' }];
}
