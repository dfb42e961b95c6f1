import type { JobContext } from '../../../jobs/job-runner.ts';
import { DamageList, damageOf, noteFiles } from './damage-words.ts';
import { messagesLeft } from './left-messages.ts';
import { closeLeft, openLeft } from './open-salvage.ts';

export interface Surveyed {
  readonly damage: DamageList;
  /** Messages whose bytes are as they were written. */
  readonly intact: number;
  readonly createdAt: string;
}

/** Names everything in a damaged backup that is not what was written. Throws EMALFORMED when nothing in it can be read. */
export async function surveyDamage(
  file: string,
  context: Pick<JobContext, 'signal'> & { readonly onOctets: (octets: number) => void },
): Promise<Surveyed> {
  const chain = await openLeft(file, context);
  try {
    const damage = new DamageList();
    noteFiles(chain, damage);
    let intact = 0;
    for await (const message of messagesLeft(chain)) {
      context.signal.throwIfAborted();
      if (message.kind === 'unlisted' || (message.kind === 'listed' && message.place !== null)) intact += 1;
      else damage.add(damageOf(message));
    }
    return { damage, intact, createdAt: chain[0]?.manifest?.createdAt ?? '' };
  } finally {
    await closeLeft(chain);
  }
}
