import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { OutboxId } from '#shared/ids.ts';
import type { Api } from '#shared/rpc/client.ts';
import type { KillOptions } from './kill-collecting.ts';
import { idOfNumber, messageNumbersIn, type Phase, phasesOf } from './kill-phases.ts';
import { type KillRelays, startKillRelays } from './kill-relays.ts';
import {
  endAll,
  type KilledMessage,
  type Programs,
  type RunEnd,
  type RunKind,
  type RunPlace,
  runFlush,
  runHost,
  runSend,
  runSendmail,
  runToSystemCall,
  runWhole,
  startHost,
} from './kill-runs.ts';
import { addCounts, addTally } from './report-counts.ts';
import { seeded } from './seeded.ts';

/** What became of mail that was queued and sent by processes killed (-9) again and again. */
export interface SendingReport {
  kills: number;
  messages: number;
  recipients: number;
  /** Messages the program said it has queued. */
  acknowledged: number;
  /** Recipients of acknowledged messages neither served nor waiting nor held as uncertain. */
  lost: number;
  /** Recipients who were sent a message twice though nobody said to send it again. */
  doubled: number;
  /** Messages not in exactly the one folder they belong to, or left in the spool. */
  misplaced: number;
  /** Messages held as uncertain in the end, and how many of them were then sent again because a person said so. */
  uncertain: number;
  resent: number;
  /** Files in the Outbox whose process died before they were in the ledger, so that nobody was told: visible, never sent. */
  orphans: number;
  /** Kills that found no message on its way. */
  caughtNone: number;
  /** How many messages the kills caught in each phase. */
  caught: Record<string, number>;
  /** How often each kind of run was killed. */
  killsOf: Record<string, number>;
}

/** A profile is looked through and begun anew after so many kills, so that its lists stay short. */
const killsAProfile = 50;
const messagesAHost = 10;

export interface KillSendingOptions extends KillOptions {
  readonly programs: Programs;
  /** Whether processes can be killed at their system calls here. */
  readonly hasStrace: boolean;
}

/** Starts the command and the app again and again on a profile with three moody relays and kills them until it is enough. */
export async function killWhileSending(options: KillSendingOptions): Promise<SendingReport> {
  const random = seeded(options.seed);
  const total = emptyReport();
  while (total.kills < options.kills) {
    const kills = Math.min(killsAProfile, options.kills - total.kills);
    const report = await killOnOneProfile({ ...options, kills }, random, total.kills);
    addTo(total, report);
  }
  return total;
}

function emptyReport(): SendingReport {
  const counts = { kills: 0, messages: 0, recipients: 0, acknowledged: 0, lost: 0, doubled: 0, misplaced: 0 };
  return { ...counts, uncertain: 0, resent: 0, orphans: 0, caughtNone: 0, caught: {}, killsOf: {} };
}

const counted = [
  ...(['kills', 'messages', 'recipients', 'acknowledged', 'lost', 'doubled', 'misplaced'] as const),
  ...(['uncertain', 'resent', 'orphans', 'caughtNone'] as const),
] as const;

function addTo(total: SendingReport, part: SendingReport): void {
  addCounts(total, part, counted);
  addTally(total.caught, part.caught);
  addTally(total.killsOf, part.killsOf);
}

/** What was handed over so far: who each message is for, and whether the program said it has it. */
interface HandedOver {
  readonly recipients: Map<number, string[]>;
  readonly acknowledged: Set<number>;
}

async function killOnOneProfile(options: KillSendingOptions, random: () => number, before: number) {
  const root = await mkdtemp(join(tmpdir(), 'postrider-kill-'));
  const relays = await startKillRelays(random);
  const profileDir = join(root, 'profile');
  const place: RunPlace = { root, profileDir, programs: options.programs, random, typicalMs: new Map() };
  const given: HandedOver = { recipients: new Map(), acknowledged: new Set() };
  const report = emptyReport();
  const kinds: RunKind[] = ['host', 'send', 'host', 'sendmail', 'host', 'syscall', 'flush', 'syscall'];
  let seen: ReadonlyMap<number, Phase> = new Map();
  try {
    await addRelays(place, relays);
    for (let run = 0; report.kills < options.kills; run += 1) {
      const kind = kinds[run % kinds.length] ?? 'host';
      if (kind === 'syscall' && !options.hasStrace) continue;
      const messages = newMessages(kind, given, random);
      const end = await runOne(place, kind, messages);
      for (const number of end.acknowledged) given.acknowledged.add(number);
      if (end.kills === 0) continue;
      report.kills += end.kills;
      addTally(report.killsOf, { [kind]: end.kills });
      seen = await noteWhatWasCaught(report, place, relays, messages, seen);
      options.onProgress?.(before + report.kills);
    }
    await conclude(report, place, relays, given);
    return report;
  } finally {
    await endAll(profileDir);
    await relays.close();
    await rm(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function addRelays(place: RunPlace, { ports }: KillRelays): Promise<void> {
  for (const port of ports) {
    const relay = { label: `at ${port}`, kind: 'relay', auth: { method: 'none' } };
    const endpoints = [{ host: '127.0.0.1', port, security: 'none' }];
    await runWhole(place, ['server', 'add', '--json'], JSON.stringify({ ...relay, endpoints }));
  }
}

function newMessages(kind: RunKind, given: HandedOver, random: () => number): KilledMessage[] {
  const count = kind === 'host' ? messagesAHost : kind === 'flush' ? 0 : 1;
  return Array.from({ length: count }, () => {
    const number = given.recipients.size;
    const to = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, index) => `m${number}.r${index}@b.example`);
    given.recipients.set(number, to);
    const head = `From: m${number}@a.example\r\nTo: ${to.join(', ')}\r\nSubject: number ${number}`;
    const date = 'Date: Sat, 21 Nov 2026 20:00:00 +0000';
    return { number, bytes: `${head}\r\nMessage-ID: ${idOfNumber(number)}\r\n${date}\r\n\r\nNumber ${number}.\r\n` };
  });
}

function runOne(place: RunPlace, kind: RunKind, messages: readonly KilledMessage[]): Promise<RunEnd> {
  const [message] = messages;
  if (message === undefined) return runFlush(place);
  switch (kind) {
    case 'host':
      return runHost(place, messages);
    case 'sendmail':
      return runSendmail(place, message);
    case 'syscall':
      return runToSystemCall(place, message);
    default:
      return runSend(place, message);
  }
}

/** What stands where the kill before left it is not counted again. */
async function noteWhatWasCaught(
  report: SendingReport,
  { profileDir }: RunPlace,
  relays: KillRelays,
  messages: readonly KilledMessage[],
  seen: ReadonlyMap<number, Phase>,
): Promise<ReadonlyMap<number, Phase>> {
  const handedOver = messages.map(({ number }) => number);
  const phases = await phasesOf(profileDir, handedOver, relays.inTransaction);
  relays.forgetTransactions();
  const caught = [...phases].filter(([number, phase]) => seen.get(number) !== phase);
  for (const [, phase] of caught) addTally(report.caught, { [phase]: 1 });
  if (caught.length === 0) report.caughtNone += 1;
  return phases;
}

const Item = z.object({
  outboxId: OutboxId,
  messageId: z.string(),
  state: z.string(),
  pending: z.array(z.string()),
  uncertain: z.array(z.string()),
});

interface Decisions {
  /** Mailboxes a person said to send to again, and those where a person said that it arrived. */
  readonly again: Set<string>;
  readonly arrived: Set<string>;
}

/** The relays are kind now: what waits goes out, what is uncertain is asked about, and everything is counted. */
async function conclude(report: SendingReport, place: RunPlace, relays: KillRelays, given: HandedOver): Promise<void> {
  relays.beKind();
  report.messages = given.recipients.size;
  report.recipients = [...given.recipients.values()].flat().length;
  report.acknowledged = given.acknowledged.size;
  const decisions: Decisions = { again: new Set(), arrived: new Set() };
  const lost = new Set<string>();
  const doubled = new Set<string>();
  const app = await startHost(place);
  const look = async (): Promise<z.infer<typeof Item>[]> => {
    await flush(app.api);
    const waiting = (await app.api.call('outbox.list', {})).map((item) => Item.parse(item));
    const open = new Set(waiting.flatMap(({ pending, uncertain }) => [...pending, ...uncertain]));
    judge(given, relays.taken, open, decisions, { lost, doubled });
    return waiting;
  };
  try {
    // What the schedule is filing at this very moment is on the list as well: nobody is asked about that.
    const waiting = (await look()).filter(({ uncertain }) => uncertain.length > 0);
    report.uncertain = waiting.length;
    for (const [index, { outboxId, uncertain }] of waiting.entries()) {
      const isAgain = index % 2 === 0;
      for (const mailbox of uncertain) (isAgain ? decisions.again : decisions.arrived).add(mailbox);
      if (isAgain) report.resent += 1;
      await app.api.call('outbox.resolve', { outboxId, resolution: isAgain ? 'resend' : 'arrived' });
    }
    if ((await look()).length > 0) report.misplaced += (await look()).length;
  } finally {
    app.api.close();
    app.child.kill('SIGTERM');
    await app.ended;
  }
  report.lost = lost.size;
  report.doubled = doubled.size;
  await judgeFiles(report, place, given, (mailbox) => relays.taken.has(mailbox) || decisions.arrived.has(mailbox));
}

async function flush(api: Api): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const ended = new Set<string>();
  let wanted: string | undefined;
  const stop = api.on('job.changed', ({ jobId, state }) => {
    if (state.kind !== 'queued' && state.kind !== 'running') ended.add(jobId);
    if (wanted !== undefined && ended.has(wanted)) resolve();
  });
  ({ jobId: wanted } = await api.call('outbox.flush', { now: true }));
  if (ended.has(wanted)) resolve();
  await promise;
  stop();
}

/** For each recipient: at least once where it was promised, at most once where nobody said otherwise. */
function judge(
  given: HandedOver,
  taken: KillRelays['taken'],
  open: ReadonlySet<string>,
  { again, arrived }: Decisions,
  found: { lost: Set<string>; doubled: Set<string> },
): void {
  for (const [number, recipients] of given.recipients) {
    for (const mailbox of recipients) {
      const times = taken.get(mailbox) ?? 0;
      const isPromised = given.acknowledged.has(number) || again.has(mailbox);
      if (isPromised && times === 0 && !open.has(mailbox) && !arrived.has(mailbox)) found.lost.add(mailbox);
      if (times > (again.has(mailbox) ? 2 : 1)) found.doubled.add(mailbox);
    }
  }
}

/** What was sent lies in Sent, once, and nowhere else; nothing waits in the spool. */
async function judgeFiles(
  report: SendingReport,
  { profileDir }: RunPlace,
  given: HandedOver,
  isServed: (mailbox: string) => boolean,
): Promise<void> {
  const [sent, outbox] = await Promise.all([
    messageNumbersIn(profileDir, '.Sent'),
    messageNumbersIn(profileDir, '.Outbox'),
  ]);
  const count = (numbers: readonly number[], number: number): number => numbers.filter((own) => own === number).length;
  for (const [number, recipients] of given.recipients) {
    const isSent = given.acknowledged.has(number) || recipients.some(isServed);
    if (count(sent, number) !== (isSent ? 1 : 0)) report.misplaced += 1;
    report.orphans += count(outbox, number);
  }
  for (const part of ['new', 'cur']) {
    report.misplaced += (await readdir(join(profileDir, 'spool', part)).catch(() => [])).length;
  }
}
