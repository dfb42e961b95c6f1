import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMaildrop, type TestMaildrop } from '../../core/incoming/testing/maildrops.ts';
import { createPop3Server, type Pop3Server } from '../../core/practice/pop3-server.ts';
import { likeClamscan, openScripts } from '../../core/scanning/testing/scripts.ts';
import { makeCommand } from './command.ts';
import {
  addDisk,
  type DiskCampaign,
  type DiskFault,
  type DiskFaultReport,
  emptyDiskReport,
  type FaultPlace,
  judgeWords,
  note,
  runDiskCampaign,
  runFaulted,
} from './disk-faults.ts';
import { createDurableOrder } from './durable-order.ts';
import { beginningsIn, lookAtFiling, sumOfFiling } from './filing-audit.ts';
import { type FilingMessage, type FilingScenario, filingMessage, pointTo, setUpFiling } from './filing-scenarios.ts';
import { credentials } from './kill-box.ts';
import { seeded } from './seeded.ts';

export interface DiskFilingCampaign extends DiskCampaign {
  readonly scenario: FilingScenario;
}

const messages = 8;

/** What is collected or fetched while the disk fails, over and over again from the same state. */
interface Trial {
  readonly campaign: DiskFilingCampaign;
  readonly verb: 'collect' | 'fetch';
  readonly sent: ReadonlyMap<number, FilingMessage>;
  /** What lies on the server when the command begins. */
  readonly lying: readonly FilingMessage[];
}

/**
 * Collects eight messages of a scenario, and where there are large ones fetches one whole, while the disk fails at a change
 * of a file. The error is clear, no DELE is sent for what is not safe, and commands on a disk in order put everything right.
 */
export async function fileOnFailingDisk(campaign: DiskFilingCampaign): Promise<DiskFaultReport> {
  const random = seeded(campaign.seed);
  const all = Array.from({ length: messages }, (_, number) => filingMessage(campaign.scenario, number, random));
  const sent = new Map(all.map((message) => [message.number, message]));
  const scripts = await openScripts();
  const total = emptyDiskReport();
  try {
    const scanner = await scripts.add('clamscan', likeClamscan);
    for (const verb of campaign.scenario.isLarge ? (['collect', 'fetch'] as const) : (['collect'] as const)) {
      const { folder, lying } = await makeTemplate(campaign, { all, scanner, isCollected: verb === 'fetch' });
      const trial: Trial = { campaign, verb, sent, lying };
      const report = await runDiskCampaign(campaign, folder, (fault, place, own) => tryOne(fault, place, own, trial));
      addDisk(total, report);
    }
    return total;
  } finally {
    await scripts.dispose();
  }
}

async function makeTemplate(
  { program, env = {}, scenario }: DiskFilingCampaign,
  { all, scanner, isCollected }: { all: readonly FilingMessage[]; scanner: string; isCollected: boolean },
): Promise<{ folder: string; lying: readonly FilingMessage[] }> {
  const postrider = await makeCommand([], program);
  const maildrop = createMaildrop(all);
  const server = await serve(maildrop);
  try {
    await setUpFiling(postrider, scenario, { port: server.port, scanner, env });
    if (isCollected) {
      const { code, stdout } = await postrider.run(['collect', '--json'], { env: { ...env } });
      if (code !== 0) throw new Error(stdout.toString('utf8'));
    }
    const folder = join(await mkdtemp(join(tmpdir(), 'postrider-template-')), 'profile');
    await cp(postrider.profileDir, folder, { recursive: true });
    const left = new Set(maildrop.lying.map(({ uniqueId }) => uniqueId));
    return { folder, lying: all.filter(({ uniqueId }) => left.has(uniqueId)) };
  } finally {
    await server.close();
    await postrider.remove();
  }
}

function serve(maildrop: TestMaildrop): Promise<Pop3Server> {
  return createPop3Server({ maildrop, user: credentials.user, password: credentials.secret });
}

async function tryOne(fault: DiskFault, place: FaultPlace, report: DiskFaultReport, trial: Trial): Promise<void> {
  const maildrop = createMaildrop(trial.lying);
  const server = await serve(maildrop);
  try {
    await pointTo(place.postrider.profileDir, server.port);
    await failOnce(fault, place, report, { ...trial, maildrop });
  } finally {
    await server.close();
  }
}

async function failOnce(
  fault: DiskFault,
  place: FaultPlace,
  report: DiskFaultReport,
  trial: Trial & { readonly maildrop: TestMaildrop },
): Promise<void> {
  const { postrider } = place;
  const { verb, lying, maildrop } = trial;
  const [beginning = ''] = await beginningsIn(postrider.profileDir);
  const order = createDurableOrder(join(postrider.profileDir, 'Mail'));
  const args = verb === 'fetch' ? ['fetch', beginning, '--json'] : ['collect', '--json'];
  const { ended, changes, place: where } = await runFaulted(place, args, fault);
  if (where === null) {
    report.unmet += 1;
    return;
  }
  const told = `${verb}: ${where}`;
  report.faults += 1;
  report.places[`${fault.kind} ${told}`] = 1;
  if (ended === null) return note(report, 'hung', fault, told);
  if (ended.code === null) return note(report, 'crashed', fault, `${told} ${ended.stderr.slice(0, 300)}`);
  order.follow(changes, (number) => {
    if (!order.isSafe(lying[number - 1]?.digest.slice(0, 16) ?? '')) note(report, 'deletedTooSoon', fault, told);
  });
  for (const _ of order.removedTooSoon) note(report, 'deletedTooSoon', fault, `a beginning: ${told}`);
  for (const _ of order.namedTooSoon) note(report, 'damaged', fault, `named before it was synced: ${told}`);
  await judge(fault, told, place, report, { ...trial, isAtRest: false });
  if (ended.code === 0) {
    if (
      verb === 'collect' &&
      maildrop.lying.some((left) => !lying.find(({ uniqueId }) => uniqueId === left.uniqueId)?.isLarge)
    )
      note(report, 'unclear', fault, `${told}: exit 0, and mail was left on the server`);
    else report.harmless += 1;
  } else {
    const words = judgeWords(ended, fault, where);
    if (words === null) report.told += 1;
    else note(report, 'unclear', fault, `${told}: ${words}`);
  }
  await judgeAfterwards(fault, told, place, report, trial);
}

async function judge(
  fault: DiskFault,
  where: string,
  { postrider }: FaultPlace,
  report: DiskFaultReport,
  { campaign, sent, maildrop, isAtRest }: Trial & { readonly maildrop: TestMaildrop; readonly isAtRest: boolean },
): Promise<void> {
  const there = new Set(maildrop.lying.map(({ uniqueId }) => uniqueId));
  const lying = [...sent.values()].filter(({ uniqueId }) => there.has(uniqueId)).map(({ digest }) => digest);
  const words: string[] = [];
  const look = { scenario: campaign.scenario, sent, lying, isAtRest, onWrong: (wrong: string) => words.push(wrong) };
  const wrongs = await lookAtFiling(postrider.profileDir, look);
  const which = isAtRest ? 'notCleanAfter' : 'lost';
  if (sumOfFiling(wrongs) > 0) note(report, which, fault, `${where}: ${JSON.stringify(wrongs)} ${words.join('; ')}`);
}

/** The disk is in order again: everything is collected, fetched whole, and where it belongs. */
async function judgeAfterwards(
  fault: DiskFault,
  where: string,
  place: FaultPlace,
  report: DiskFaultReport,
  trial: Trial & { readonly maildrop: TestMaildrop },
): Promise<void> {
  const { postrider, campaign } = place;
  const env = { ...campaign.env };
  const run = async (...args: string[]): Promise<void> => {
    const { code, stdout } = await postrider.run([...args, '--json'], { env });
    if (code !== 0) note(report, 'notCleanAfter', fault, `${where}: ${args.join(' ')}: ${code} ${stdout}`);
  };
  await run('collect');
  await judge(fault, where, place, report, { ...trial, isAtRest: true });
  for (const key of await beginningsIn(postrider.profileDir)) await run('fetch', key);
  await run('collect');
  await judge(fault, where, place, report, { ...trial, isAtRest: true });
  await run('index', 'check');
  const { lying, removed } = trial.maildrop;
  const isOnce = new Set(removed).size === removed.length;
  const left = (await beginningsIn(postrider.profileDir)).length;
  if (lying.length === 0 && isOnce && left === 0) return;
  note(report, 'notCleanAfter', fault, `${where}: ${lying.length} on the server, ${left} by the beginning`);
}
