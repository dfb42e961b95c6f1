import { z } from 'zod';
import { MessageKey } from '#shared/ids.ts';
import { ImportedContacts } from '#shared/job.ts';
import type { MailStore } from '../mail-store.ts';
import { Position } from './position.ts';
import { TallyData } from './tally.ts';

/**
 * What is written down of an import while it goes on. Everything before `position` has been dealt with, and what of it came
 * in is durable; `tally` counts exactly that. `underWay` is what may lie there already of what comes after.
 */
export const ImportProgress = z.object({
  position: Position,
  tally: TallyData,
  underWay: z.array(MessageKey),
  /** Some of the messages that came in, evenly: while they are here, so are the others. */
  sample: z.object({ keys: z.array(MessageKey), every: z.number().int().positive() }),
  mailFolder: z.string(),
  contacts: ImportedContacts.optional(),
});
export type ImportProgress = z.infer<typeof ImportProgress>;

/** Whether what had come in is still here: not in another Mail folder, not gone with an older copy of this one. */
export async function isStillHere({ sample, mailFolder }: ImportProgress, store: MailStore): Promise<boolean> {
  if ((await store.state()).mailFolder !== mailFolder) return false;
  const rows = await Promise.all(sample.keys.map((key) => store.summary(key)));
  return rows.every((row) => row !== null);
}

const largestSample = 64;

/** Keeps every so-many-th key, ever fewer of them as more come. */
export class Sample {
  #keys: MessageKey[];
  #every: number;

  constructor({ keys, every }: ImportProgress['sample'] = { keys: [], every: 1 }) {
    this.#keys = [...keys];
    this.#every = every;
  }

  /** `number`: how many came in before it. */
  offer(key: MessageKey, number: number): void {
    if (number % this.#every !== 0) return;
    this.#keys.push(key);
    if (this.#keys.length <= largestSample) return;
    this.#keys = this.#keys.filter((_key, at) => at % 2 === 0);
    this.#every *= 2;
  }

  toData(): ImportProgress['sample'] {
    return { keys: this.#keys, every: this.#every };
  }
}
