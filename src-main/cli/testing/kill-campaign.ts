import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { sumOf } from './kill-audit.ts';
import {
  addCollecting,
  type CollectingReport,
  emptyCollectingReport,
  type KillCollectingOptions,
  killWhileCollecting,
} from './kill-collecting.ts';

/** Chunks of a campaign that are done, and what they came to: a campaign goes on where it was broken off. */
const Tally = z.object({
  seed: z.number(),
  done: z.array(z.number()),
  /** The state of the sources each part was run on. */
  commits: z.array(z.string()),
  report: z.object({
    kills: z.number(),
    unharmed: z.number(),
    messages: z.number(),
    lost: z.number(),
    doubled: z.number(),
    damaged: z.number(),
    shownInPart: z.number(),
    wrongOnServer: z.number(),
    deletedTooSoon: z.number(),
    places: z.record(z.string(), z.number()),
  }),
});
type Tally = z.infer<typeof Tally>;

export interface CampaignOptions
  extends Pick<KillCollectingOptions, 'kills' | 'seed' | 'program' | 'env' | 'library' | 'server' | 'onProgress'> {
  /** So many profiles at once. */
  readonly lanes: number;
  /** A file to go on from and to add to. */
  readonly tally?: string | undefined;
  readonly commit: string;
}

/** A profile is begun anew after so many kills, so that its lists stay short. */
const killsAChunk = 50;

/** Kills in chunks, each a profile of its own with a seed of its own, several side by side. Stops when a chunk found something. */
export async function runCollectingCampaign(options: CampaignOptions): Promise<CollectingReport> {
  const tally = await openTally(options);
  const chunks = Math.ceil(options.kills / killsAChunk);
  const open = Array.from({ length: chunks }, (_, chunk) => chunk).filter((chunk) => !tally.done.includes(chunk));
  const running = new Map<number, number>();
  const tell = (): void => {
    const now = [...running.values()].reduce((sum, kills) => sum + kills, 0);
    options.onProgress?.(Math.min(options.kills, tally.report.kills + now));
  };
  const lane = async (): Promise<void> => {
    for (let chunk = open.shift(); chunk !== undefined && sumOf(tally.report) === 0; chunk = open.shift()) {
      const own = chunk;
      const report = await runChunk(options, own, (kills) => {
        running.set(own, kills);
        tell();
      });
      running.delete(own);
      addCollecting(tally.report, report);
      tally.done.push(own);
      if (sumOf(report) > 0) console.log(`Chunk ${own} of seed ${options.seed}: ${JSON.stringify(report)}`);
      await keepTally(options, tally);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.lanes, chunks) }, lane));
  return tally.report;
}

function runChunk(options: CampaignOptions, chunk: number, onProgress: (kills: number) => void) {
  const kills = Math.min(killsAChunk, options.kills - chunk * killsAChunk);
  // Where mail is deleted on the server there is more to lose: three quarters.
  const retention = chunk % 4 === 3 ? 'leave' : 'delete';
  return killWhileCollecting({ ...options, kills, seed: options.seed * 1_000_003 + chunk, retention, onProgress });
}

async function openTally({ tally: path, seed }: CampaignOptions): Promise<Tally> {
  const fresh: Tally = { seed, done: [], commits: [], report: emptyCollectingReport() };
  if (path === undefined || !existsSync(path)) return fresh;
  const kept = Tally.parse(JSON.parse(await readFile(path, 'utf8')));
  if (kept.seed !== seed) throw new Error(`${path} is the tally of seed ${kept.seed}, not of ${seed}.`);
  return kept;
}

async function keepTally({ tally: path, commit }: CampaignOptions, tally: Tally): Promise<void> {
  if (path === undefined) return;
  if (!tally.commits.includes(commit)) tally.commits.push(commit);
  await writeFile(`${path}.new`, JSON.stringify(tally, null, 2));
  await rename(`${path}.new`, path);
}
