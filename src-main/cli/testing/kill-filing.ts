import { join } from 'node:path';
import { likeClamscan, openScripts, type Scripts } from '../../core/scanning/testing/scripts.ts';
import { type Command, type Ended, makeCommand } from './command.ts';
import { createDurableOrder, type DurableOrder } from './durable-order.ts';
import { type Change, type Fault, placeOf, takeChanges, watchedBy } from './fault-library.ts';
import {
  beginningsIn,
  type FilingWrongs,
  filingWrongNames,
  lookAtFiling,
  noFilingWrongs,
  sumOfFiling,
} from './filing-audit.ts';
import { type FilingMessage, type FilingScenario, filingMessage, setUpFiling } from './filing-scenarios.ts';
import { type KillBox, openPracticeBox } from './kill-box.ts';
import type { KillOptions } from './kill-collecting.ts';
import { addCounts, addTally } from './report-counts.ts';
import { seeded } from './seeded.ts';

/** What became of mail that goes by way of a beginning, of Quarantine, or of rules, over a row of killed commands. */
export interface FilingReport extends FilingWrongs {
  kills: number;
  unharmed: number;
  messages: number;
  /** Where the kills hit, and during which command. */
  readonly places: Record<string, number>;
  /** What was wrong when it stopped. */
  readonly findings: string[];
}

export interface KillFilingOptions extends KillOptions {
  readonly scenario: FilingScenario;
  readonly program?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly library: string;
}

function emptyFilingReport(): FilingReport {
  return { ...noFilingWrongs(), kills: 0, unharmed: 0, messages: 0, places: {}, findings: [] };
}

function addFiling(total: FilingReport, part: FilingReport): void {
  addCounts(total, part, [...filingWrongNames, 'kills', 'unharmed', 'messages']);
  addTally(total.places, part.places);
  total.findings.push(...part.findings);
}

/** A profile is begun anew after so many kills, so that its lists stay short. */
const killsAProfile = 25;

/** Kills on profiles of their own, `lanes` of them side by side. Stops when one found something. */
export async function runFilingCampaign(
  options: KillFilingOptions & { readonly lanes: number },
): Promise<FilingReport> {
  const total = emptyFilingReport();
  const chunks = Array.from({ length: Math.ceil(options.kills / killsAProfile) }, (_, chunk) => chunk);
  const lane = async (): Promise<void> => {
    for (let chunk = chunks.shift(); chunk !== undefined && sumOfFiling(total) === 0; chunk = chunks.shift()) {
      const kills = Math.min(killsAProfile, options.kills - chunk * killsAProfile);
      const seed = options.seed * 1_000_003 + chunk;
      addFiling(total, await killWhileFiling({ ...options, kills, seed, onProgress: () => undefined }));
      options.onProgress?.(total.kills);
    }
  };
  await Promise.all(Array.from({ length: options.lanes }, lane));
  return total;
}

interface Place {
  readonly options: KillFilingOptions;
  readonly box: KillBox;
  readonly postrider: Command;
  readonly random: () => number;
  readonly log: string;
  readonly sent: Map<number, FilingMessage>;
  readonly order: DurableOrder;
  readonly report: FilingReport;
  /** How many changes each command makes, learned from those that were not killed. */
  readonly usual: { collect: number; fetch: number };
}

type Verb = 'collect' | 'fetch';

const newAtMost = 3;
const waitingAtMost = 8;

/**
 * Kills (-9) `postrider collect` and `postrider fetch` again and again on one profile, at changes of files and words to
 * the server drawn by the seed. After each everything is counted as it lies there; a command that ended by itself must
 * have left nothing half done. Stops at the first kill after which something is wrong.
 */
export async function killWhileFiling(options: KillFilingOptions): Promise<FilingReport> {
  const [box, postrider, scripts] = await Promise.all([
    openPracticeBox(),
    makeCommand([], options.program),
    openScripts(),
  ]);
  const place: Place = {
    options,
    box,
    postrider,
    random: seeded(options.seed),
    log: join(postrider.profileDir, '..', 'changes'),
    sent: new Map(),
    order: createDurableOrder(join(postrider.profileDir, 'Mail')),
    report: emptyFilingReport(),
    usual: { collect: 120, fetch: 80 },
  };
  try {
    await killOnOneProfile(place, scripts);
    return place.report;
  } finally {
    await box.close();
    await Promise.all([postrider.remove(), scripts.dispose()]);
  }
}

async function killOnOneProfile(place: Place, scripts: Scripts): Promise<void> {
  const { options, report, box, postrider } = place;
  const scanner = await scripts.add('clamscan', likeClamscan);
  await setUpFiling(postrider, options.scenario, { port: box.port, scanner, env: options.env });
  while (report.kills < options.kills && sumOfFiling(report) === 0) {
    await runOne(place);
    options.onProgress?.(report.kills);
  }
  if (sumOfFiling(report) === 0) await conclude(place);
  report.messages = place.sent.size;
}

async function runOne(place: Place): Promise<void> {
  const { random, usual } = place;
  const beginnings = await beginningsIn(place.postrider.profileDir);
  const beginning = beginnings[Math.floor(random() * beginnings.length)];
  const verb: Verb = beginning !== undefined && random() < 0.5 ? 'fetch' : 'collect';
  if (verb === 'collect') await deliverSome(place);
  const kinds = ['kill-before', 'kill-after', 'kill-before', 'kill-after', 'kill-within'] as const;
  const kind = kinds[Math.floor(random() * kinds.length)] ?? 'kill-before';
  const fault: Fault = { kind, at: 1 + Math.floor(random() * usual[verb]) };
  await runAndLook(place, verb === 'fetch' ? ['fetch', beginning ?? '', '--json'] : ['collect', '--json'], fault);
}

async function deliverSome({ box, sent, random, options }: Place): Promise<void> {
  const waiting = (await box.lying()).length;
  const count = waiting >= waitingAtMost ? 0 : Math.floor(random() * (newAtMost + 1));
  for (let index = 0; index < count; index += 1) {
    const message = filingMessage(options.scenario, sent.size, random);
    sent.set(message.number, message);
    await box.deliver(message.uniqueId, message.bytes);
  }
}

/** Answers whether it ended by itself. */
async function runAndLook(place: Place, args: readonly string[], fault?: Fault): Promise<boolean> {
  const { box, options, postrider, report, log, usual } = place;
  const verb: Verb = args[0] === 'fetch' ? 'fetch' : 'collect';
  const numbered = await box.lying();
  const watched = watchedBy(options.library, { under: postrider.profileDir, log, port: box.port, fault });
  const ended = await postrider.run(args, { env: { ...options.env, ...watched } });
  const changes = await takeChanges(log);
  follow(place, changes, numbered);
  const isKilled = ended.code === null;
  if (isKilled) {
    report.kills += 1;
    addTally(report.places, { [`${verb}: ${placeOf(changes) ?? 'somewhere'}`]: 1 });
  } else {
    report.unharmed += 1;
    if (ended.code === 0) usual[verb] = changes.at(-1)?.number ?? usual[verb];
    else if (!isBusy(ended)) throw new Error(`${args.join(' ')} failed by itself: ${ended.stdout}${ended.stderr}`);
  }
  await takeAccount(place, `${args.join(' ')}, ${isKilled ? `killed ${placeOf(changes)}` : 'not killed'}`, {
    isAtRest: verb === 'collect' && ended.code === 0,
  });
  return ended.code === 0;
}

/** A server may need a moment to notice that the session before has died. */
function isBusy({ stdout }: Ended): boolean {
  return stdout.includes('EIN_USE');
}

/** Each DELE must name a message that would outlive a power cut, and each beginning goes after its whole message came. */
function follow({ order, report }: Place, changes: readonly Change[], numbered: readonly string[]): void {
  order.follow(changes, (messageNumber) => {
    if (!order.isSafe(numbered[messageNumber - 1]?.slice(0, 16) ?? '')) report.deletedTooSoon += 1;
  });
  report.damaged += order.namedTooSoon.length;
  report.deletedTooSoon += order.removedTooSoon.length;
}

async function takeAccount(place: Place, after: string, { isAtRest }: { isAtRest: boolean }): Promise<void> {
  const { postrider, options, sent, box, report } = place;
  const wrongs = await lookAtFiling(postrider.profileDir, {
    scenario: options.scenario,
    sent,
    lying: await box.lying(),
    isAtRest,
    onWrong: (words) => report.findings.push(words),
  });
  wrongs.wrongOnServer += box.deletedTwice();
  addCounts(report, wrongs, filingWrongNames);
  if (sumOfFiling(report) > 0) report.findings.push(`Seed ${options.seed}, after ${after}: ${JSON.stringify(wrongs)}`);
}

/** The last ones are let be: everything is here whole then, once, where it belongs, and the server has nothing left. */
async function conclude(place: Place): Promise<void> {
  const { postrider, box, report, options, sent } = place;
  const whole = async (args: readonly string[]): Promise<void> => {
    for (let tries = 0; tries < 20; tries += 1) if (await runAndLook(place, args)) return;
    throw new Error(`${args.join(' ')} was never let in.`);
  };
  await whole(['collect', '--json']);
  for (const key of await beginningsIn(postrider.profileDir)) await whole(['fetch', key, '--json']);
  await whole(['collect', '--json']);
  if (sumOfFiling(report) > 0) return;
  report.wrongOnServer += (await box.lying()).length;
  report.besideWhole += (await beginningsIn(postrider.profileDir)).length;
  const check = await postrider.run(['index', 'check', '--json'], { env: { ...options.env } });
  if (check.code !== 0) report.damaged += 1;
  if (sumOfFiling(report) > 0)
    report.findings.push(`In the end, of ${sent.size}: ${JSON.stringify(report)} ${check.stdout}`);
}
