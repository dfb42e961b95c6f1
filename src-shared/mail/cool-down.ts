import type { DeliveryMemoryEntry } from './outbox.ts';

const second = 1000;
const minute = 60 * second;

export const firstCoolDownMs = 60 * second;
export const longestCoolDownMs = 30 * minute;

/** Until when an endpoint with this cool-down is left alone; the past: it is half-open, tried last until it worked again. */
export function coolUntil({ failures = 1, learnedAt }: Pick<DeliveryMemoryEntry, 'failures' | 'learnedAt'>): number {
  if (failures <= 0) return learnedAt;
  return learnedAt + Math.min(firstCoolDownMs * 2 ** (failures - 1), longestCoolDownMs);
}
