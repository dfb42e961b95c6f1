import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Command, type Ended, makeCommand } from './command.ts';
import { type Change, type Fault, takeChanges, watchedBy } from './fault-library.ts';
import { noWrongs, sumOf, type Wrongs, wrongNames } from './kill-audit.ts';
import { addCounts, addTally } from './report-counts.ts';
import { seeded } from './seeded.ts';

/** A disk that fails: how, and at which change of a file. */
export type DiskFault = Fault & { readonly kind: 'ENOSPC' | 'EIO' };

/** What became of the mail where the disk failed once, or from some moment on. */
export interface DiskFaultReport extends Wrongs {
  /** Runs in which the fault was met. */
  faults: number;
  /** Runs that were over before the fault could be met. */
  unmet: number;
  /** Met, and everything was done all the same: what failed can be made anew. */
  harmless: number;
  /** Ended with an error that names the disk and what to do, and with the right exit code. */
  told: number;
  /** Ended otherwise: words that do not help, or the wrong exit code. */
  unclear: number;
  hung: number;
  crashed: number;
  /** The next run, on a disk in order, did not end well or did not find everything. */
  notCleanAfter: number;
  /** How often the disk failed at each kind of change. */
  readonly places: Record<string, number>;
  /** What was wrong, with the fault that showed it: the first few. */
  readonly findings: string[];
}

export function emptyDiskReport(): DiskFaultReport {
  const counts = { faults: 0, unmet: 0, harmless: 0, told: 0, unclear: 0, hung: 0, crashed: 0, notCleanAfter: 0 };
  return { ...noWrongs(), ...counts, places: {}, findings: [] };
}

export function badIn(report: DiskFaultReport): number {
  const { unclear, hung, crashed, notCleanAfter } = report;
  return sumOf(report) + unclear + hung + crashed + notCleanAfter;
}

export function addDisk(total: DiskFaultReport, part: DiskFaultReport): void {
  addCounts(total, part, counted);
  addTally(total.places, part.places);
  total.findings.push(...part.findings.slice(0, 40 - total.findings.length));
}

const counted = [
  ...wrongNames,
  ...(['faults', 'unmet', 'harmless', 'told', 'unclear', 'hung', 'crashed', 'notCleanAfter'] as const),
] as const;

export function note(report: DiskFaultReport, what: (typeof counted)[number], fault: DiskFault, words: string): void {
  report[what] += 1;
  const lasting = fault.lasts === true ? ' from' : ' at';
  if (report.findings.length < 40) report.findings.push(`${what}: ${fault.kind}${lasting} ${fault.at}: ${words}`);
}

export interface DiskCampaign {
  /** Faults at each of the first so many changes, of both kinds; or `sample` of these, drawn by the seed. */
  readonly first: number;
  readonly sample?: number | undefined;
  readonly seed: number;
  readonly lanes: number;
  readonly program: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly library: string;
  readonly onProgress?: (runs: number, whole: number) => void;
}

/** In turn: a disk that is full once and one that stays full, one that fails once and one that goes on failing. */
function faultsOf({ first, sample, seed }: Pick<DiskCampaign, 'first' | 'sample' | 'seed'>): DiskFault[] {
  const all = Array.from({ length: first }, (_, index) => index + 1).flatMap((at): DiskFault[] => [
    { kind: 'ENOSPC', at, lasts: (at + seed) % 2 === 0 },
    { kind: 'EIO', at, lasts: (at + seed) % 2 === 1 },
  ]);
  if (sample === undefined) return all;
  const random = seeded(seed);
  return all
    .map((fault) => ({ fault, order: random() }))
    .sort((a, b) => a.order - b.order)
    .slice(0, sample)
    .map(({ fault }) => fault);
}

/** Each fault on a profile of its own, copied from one that was made before; `lanes` of them at once. */
export async function runDiskCampaign(
  campaign: DiskCampaign,
  template: string,
  tryOne: (fault: DiskFault, place: FaultPlace, report: DiskFaultReport) => Promise<void>,
): Promise<DiskFaultReport> {
  const total = emptyDiskReport();
  const faults = faultsOf(campaign);
  const whole = faults.length;
  let done = 0;
  const lane = async (): Promise<void> => {
    for (let fault = faults.shift(); fault !== undefined; fault = faults.shift()) {
      const postrider = await makeCommand([], campaign.program);
      try {
        await cp(template, postrider.profileDir, { recursive: true });
        const report = emptyDiskReport();
        await tryOne(fault, { campaign, postrider, log: join(postrider.profileDir, '..', 'changes') }, report);
        addDisk(total, report);
      } finally {
        await postrider.remove();
      }
      done += 1;
      campaign.onProgress?.(done, whole);
    }
  };
  await Promise.all(Array.from({ length: campaign.lanes }, lane));
  await rm(template, { recursive: true, force: true, maxRetries: 5 });
  return total;
}

export interface FaultPlace {
  readonly campaign: DiskCampaign;
  readonly postrider: Command;
  readonly log: string;
}

const longestRunMs = 60_000;

/** Runs the command on a disk that fails; null when it did not end by itself. */
export async function runFaulted(
  { campaign, postrider, log }: FaultPlace,
  args: readonly string[],
  fault: DiskFault,
  stdin = '',
): Promise<{ ended: Ended | null; changes: Change[]; place: string | null }> {
  const watched = watchedBy(campaign.library, { under: postrider.profileDir, log, fault });
  const child = postrider.start(args, { stdin, env: { ...campaign.env, ...watched } });
  let isHung = false;
  const timer = setTimeout(() => {
    isHung = true;
    child.kill('SIGKILL');
  }, longestRunMs);
  const ended = await child.ended;
  clearTimeout(timer);
  const changes = await takeChanges(log);
  const failed = changes.find(({ how, number }) => how === fault.kind && number >= fault.at);
  const place = failed === undefined ? null : `${failed.operation} ${shortened(failed.path, postrider.profileDir)}`;
  return { ended: isHung ? null : ended, changes, place };
}

function shortened(path: string, profileDir: string): string {
  const below = path.slice(profileDir.length + 1);
  return below.replace(/[0-9a-f-]{32,}(\.\w+)?/g, 'ID').replace(/(sqlite)-\w+$/, '$1');
}

const Failure = z.object({ code: z.string(), message: z.string() });
const Told = z.union([
  z.object({ error: Failure }),
  z.object({ accounts: z.array(z.object({ error: Failure.optional() })) }),
]);

/** Null when the words name the disk and say what to do, under the right code; else what is wrong with them. */
export function judgeWords({ code, stdout, stderr }: Ended, fault: DiskFault, where: string): string | null {
  const text = stdout.toString('utf8');
  if (/\n\s+at /.test(stderr)) return `a stack trace: ${stderr.slice(0, 300)}`;
  const told = Told.safeParse(parsed(text));
  if (!told.success) return `exit ${code}, no error told: ${text.slice(0, 200)} ${stderr.slice(0, 200)}`;
  const error = 'error' in told.data ? told.data.error : told.data.accounts.find((account) => account.error)?.error;
  if (error === undefined) return `exit ${code}, no error told: ${text.slice(0, 200)}`;
  // SQLite says of a write that the disk is full; of anything else, that it failed.
  const isUnsure = fault.lasts === true || /sqlite|^(sync|truncate) /.test(where);
  const wanted = fault.kind === 'EIO' ? ['EIO'] : isUnsure ? ['EDISKFULL', 'EIO'] : ['EDISKFULL'];
  // Of a file that cannot be opened it does not say why.
  if (/^(create|open) .*sqlite/.test(where)) wanted.push('EPERMISSION');
  const words = `exit ${code}, ${error.code}: ${error.message}`;
  if (!wanted.includes(error.code) || code !== 75) return words;
  const isClear = /\bdisk\b/.test(error.message) && /\b(free|check|try|connect)\b/i.test(error.message);
  return isClear ? null : words;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
