import { join } from 'node:path';
import { generatedMail } from '../../core/incoming/testing/generated-mail.ts';
import { sha256 } from '../../core/incoming/testing/maildrops.ts';
import { type Command, makeCommand } from './command.ts';
import { createDurableOrder, type DurableOrder } from './durable-order.ts';
import { type Change, type Fault, type FaultKind, placeOf, takeChanges, watchedBy } from './fault-library.ts';
import { createAudit, noWrongs, sumOf, type Wrongs, wrongNames } from './kill-audit.ts';
import { credentials, isPlainMail, type KillBox, openDovecotBox, openPracticeBox } from './kill-box.ts';
import { addCounts, addTally } from './report-counts.ts';
import { seeded } from './seeded.ts';

/** What became of the mail over a row of killed collections. */
export interface CollectingReport extends Wrongs {
  kills: number;
  /** Collections that were let be, or ended before their moment came. */
  unharmed: number;
  messages: number;
  /** Where the kills hit: the command heard, or the change of a file it stood before, after or within. */
  readonly places: Record<string, number>;
}

export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
  readonly onProgress?: (kills: number) => void;
}

export interface KillCollectingOptions extends KillOptions {
  /** The command: sources or a built one. */
  readonly program: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The compiled fault library; null: kills only at the words the server hears. */
  readonly library: string | null;
  readonly retention: 'delete' | 'leave';
  readonly server: 'practice' | 'dovecot';
}

export function emptyCollectingReport(): CollectingReport {
  return { ...noWrongs(), kills: 0, unharmed: 0, messages: 0, places: {} };
}

export function addCollecting(total: CollectingReport, part: CollectingReport): void {
  addCounts(total, part, [...wrongNames, 'kills', 'unharmed', 'messages']);
  addTally(total.places, part.places);
}

/** One profile and one maildrop, and what is known about them. */
interface Place {
  readonly options: KillCollectingOptions;
  readonly box: KillBox;
  readonly postrider: Command;
  readonly random: () => number;
  readonly log: string;
  /** The digest of every message that was ever delivered. */
  readonly sent: Set<string>;
  readonly order: DurableOrder;
  readonly audit: ReturnType<typeof createAudit>;
  readonly report: CollectingReport;
  /** How many changes a collection makes until QUIT and in all, learned from those that were not killed. */
  readonly usual: { untilQuit: number; whole: number };
}

const newAtMost = 4;
const waitingAtMost = 12;

/**
 * Starts `postrider collect` again and again on one profile and kills it (-9) at a random point of its session: at a
 * word the server hears, a moment after it, or before, after and within a change of a file. After each kill everything
 * is counted as it lies there; the next collection is the restart. Stops at the first kill after which something is wrong.
 */
export async function killWhileCollecting(options: KillCollectingOptions): Promise<CollectingReport> {
  const box = await (options.server === 'dovecot' ? openDovecotBox() : openPracticeBox());
  const postrider = await makeCommand([], options.program);
  const place: Place = {
    options,
    box,
    postrider,
    random: seeded(options.seed),
    log: join(postrider.profileDir, '..', 'changes'),
    sent: new Set(),
    order: createDurableOrder(join(postrider.profileDir, 'Mail')),
    audit: createAudit(postrider.profileDir),
    report: emptyCollectingReport(),
    usual: { untilQuit: 70, whole: 110 },
  };
  const { report } = place;
  try {
    await addAccount(place);
    while (report.kills < options.kills && sumOf(report) === 0) {
      await deliverSome(place);
      await collectOnce(place);
      await takeAccount(place);
      options.onProgress?.(report.kills);
    }
    if (sumOf(report) === 0) await conclude(place);
    report.messages = place.sent.size;
    return report;
  } finally {
    await box.close();
    await postrider.remove();
  }
}

async function addAccount({ postrider, options, box }: Place): Promise<void> {
  const account = {
    label: 'Killed',
    host: '127.0.0.1',
    port: box.port,
    security: 'none',
    ...credentials,
    auth: 'user-pass',
    retention: { kind: options.retention },
  };
  const added = await postrider.run(['account', 'add', '--json'], {
    stdin: JSON.stringify(account),
    env: { ...options.env },
  });
  if (added.code !== 0) throw new Error(`${added.stdout}${added.stderr}`);
}

const mail = generatedMail(520);
const plainMail = mail.filter(isPlainMail);

async function deliverSome({ box, sent, random, options, audit }: Place): Promise<void> {
  const here = audit.digests();
  const waiting = [...sent].filter((digest) => !here.has(digest)).length;
  const count = waiting >= waitingAtMost ? 0 : 1 + Math.floor(random() * newAtMost);
  const kinds = options.server === 'dovecot' ? plainMail : mail;
  for (let index = 0; index < count; index += 1) {
    const uniqueId = `u${sent.size}`;
    const bytes = kinds[Math.floor(random() * kinds.length)] ?? new Uint8Array(0);
    // POP3 ends every message with a line end, and each is told apart by its last line.
    const whole = new Uint8Array(
      Buffer.concat([bytes, Buffer.from(`${bytes.at(-1) === 10 ? '' : '\r\n'}${uniqueId}\r\n`)]),
    );
    sent.add(sha256(whole));
    await box.deliver(uniqueId, whole);
  }
}

/** The next moment to die at. Kills after QUIT are fewer: what happens there is the closing of the profile. */
function chooseFault({ random, usual }: Place): { kind: FaultKind; at: number } {
  const kinds: FaultKind[] = ['kill-before', 'kill-after', 'kill-before', 'kill-after', 'kill-within'];
  const kind = kinds[Math.floor(random() * kinds.length)] ?? 'kill-before';
  const range = random() < 0.9 ? usual.untilQuit : usual.whole;
  return { kind, at: 1 + Math.floor(random() * range) };
}

async function collectOnce(place: Place): Promise<void> {
  const { box, options, postrider, random, report, log } = place;
  const numbered = await box.lying();
  const { retention, library } = options;
  const isAtWord = library === null || (options.server === 'practice' && random() < 0.3);
  const words = 8 + numbered.length * (retention === 'delete' ? 2 : 1);
  const delayMs = random() < 0.4 ? 0 : Math.floor(random() * 40);
  const wordAt = 1 + Math.floor(random() * words);
  const fault = isAtWord ? undefined : chooseFault(place);
  const child = postrider.start(['collect', '--json'], { env: { ...options.env, ...watch(place, fault) } });
  let word = '';
  const spring = (): void => {
    setTimeout(() => child.kill('SIGKILL'), delayMs);
    word = `at a word of the session${delayMs === 0 ? '' : ', a moment later'}`;
  };
  box.atWord(isAtWord ? wordAt : -1, spring);
  const { code, stdout, stderr } = await child.ended;
  const changes = await takeChanges(log);
  follow(place, changes, numbered);
  if (code === null) {
    report.kills += 1;
    const at = placeOf(changes) ?? word;
    addTally(report.places, { [at]: 1 });
    return;
  }
  // A server may need a moment to notice that the session before has died.
  if (code !== 0 && !stdout.includes('EIN_USE')) throw new Error(`A collection failed by itself: ${stdout}${stderr}`);
  report.unharmed += 1;
  if (code === 0) learn(place, changes);
}

function watch({ options, postrider, log, box }: Place, fault?: Fault): Record<string, string> {
  if (options.library === null) return {};
  return watchedBy(options.library, { under: postrider.profileDir, log, port: box.port, fault });
}

function learn({ usual }: Place, changes: readonly Change[]): void {
  const quit = changes.find(({ operation, more }) => operation === 'send' && more.startsWith('QUIT'));
  if (quit === undefined) return;
  usual.untilQuit = quit.number;
  usual.whole = changes.at(-1)?.number ?? quit.number;
}

/** Each DELE must name a message that would outlive a power cut. Dovecot numbers them its own way. */
function follow({ order, options, report }: Place, changes: readonly Change[], numbered: readonly string[]): void {
  order.follow(changes, (messageNumber) => {
    const digest = numbered[messageNumber - 1];
    if (options.server === 'dovecot' || digest === undefined) return;
    if (!order.isSafe(digest.slice(0, 16))) report.deletedTooSoon += 1;
  });
  report.damaged += order.namedTooSoon.length;
}

async function takeAccount({ audit, sent, box, report, options, order }: Place): Promise<void> {
  const lying = await box.lying();
  const wrongs = await audit.look(sent, lying);
  if (options.retention === 'leave') wrongs.wrongOnServer += sent.size - lying.length;
  wrongs.wrongOnServer += box.deletedTwice();
  addCounts(report, wrongs, wrongNames);
  if (options.server === 'practice' || options.library === null) return;
  const there = new Set(lying);
  for (const digest of sent) if (!there.has(digest) && !order.isSafe(digest.slice(0, 16))) report.deletedTooSoon += 1;
}

/** The last collection is let be: everything is here then, listed once, and the server has what it should. */
async function conclude(place: Place): Promise<void> {
  const { postrider, box, audit, sent, report, options } = place;
  box.atWord(-1, () => {});
  const numbered = await box.lying();
  for (let tries = 0; ; tries += 1) {
    const last = await postrider.run(['collect', '--json'], { env: { ...options.env, ...watch(place) } });
    follow(place, await takeChanges(place.log), numbered);
    if (last.code === 0) break;
    if (!last.stdout.includes('EIN_USE') || tries > 20)
      throw new Error(`The last one failed: ${last.stdout}${last.stderr}`);
  }
  await takeAccount(place);
  report.lost += [...sent].filter((digest) => !audit.digests().has(digest)).length;
  const listed = (await postrider.run(['list', 'Inbox', '--json'], { env: { ...options.env } })).lines().length;
  if (listed < sent.size) report.lost += sent.size - listed;
  else report.doubled += listed - sent.size;
  const lying = (await box.lying()).length;
  report.wrongOnServer += Math.abs(lying - (options.retention === 'delete' ? 0 : sent.size));
  const check = await postrider.run(['index', 'check', '--json'], { env: { ...options.env } });
  if (check.code !== 0) report.damaged += 1;
}
