import { folder } from '#shared/mail/folder.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { seeded } from '../../../cli/testing/seeded.ts';
import { type FaultMessage, type FaultProfile, numberOf, openFaultProfile } from './fault-profile.ts';
import { type Line, type ScriptedSmtp, startScriptedSmtp } from './scripted-smtp.ts';

/** What became of messages that were refused at random: by recipient, as a whole, for now, for good, or by silence. */
export interface RefusalsReport {
  readonly messages: number;
  readonly recipients: number;
  /** By what the servers said; the shown states were compared with it. */
  readonly accepted: number;
  readonly refused: number;
  readonly uncertain: number;
  readonly pending: number;
  /** Recipients taken for delivery more than once. */
  readonly mailedTwice: number;
  /** Recipients some server was asked about again though they were served, refused for good, or uncertain. */
  readonly askedAgain: number;
  /** Replies of 4yz or 5yz whose words are not in the log of the message. */
  readonly hidden: number;
  /** Recipients refused for good who are not shown so with the server's words. */
  readonly unexplained: number;
  /** Recipients shown in another state than the servers' replies make. */
  readonly wrongState: number;
  /** Finished messages with a refused recipient beside the failure notices in the Inbox. */
  readonly noticesMissing: number;
  readonly replies: Readonly<Record<string, number>>;
}

type State = 'accepted' | 'refused' | 'uncertain' | 'pending';

/** A reply by its share, and what it makes of the recipient. */
interface Choice {
  readonly share: number;
  readonly says: Line;
  readonly makes?: Exclude<State, 'pending'>;
}

const atMail: readonly Choice[] = [
  { share: 90, says: '250 2.1.0 fine' },
  { share: 3, says: '451 4.3.0 not now' },
  { share: 3, says: '550 5.7.1 you may not send here' },
  { share: 2, says: '421 4.3.2 closing' },
  { share: 2, says: 'drop' },
];
const atRecipient: readonly Choice[] = [
  { share: 58, says: '250 2.1.5 fine' },
  { share: 10, says: '450 4.2.0 mailbox busy' },
  { share: 10, says: '550 5.1.1 nobody of that name', makes: 'refused' },
  { share: 8, says: '550 5.7.1 relaying denied' },
  { share: 5, says: '552 5.2.2 mailbox full', makes: 'refused' },
  { share: 3, says: '452 4.5.3 too many at once' },
  { share: 2, says: '553 5.3.0 not this one', makes: 'refused' },
  { share: 2, says: '421 4.3.2 closing' },
  { share: 2, says: 'drop' },
];
const atData: readonly Choice[] = [
  { share: 90, says: '354 go on' },
  { share: 4, says: '451 4.3.0 no room' },
  { share: 3, says: '554 5.7.0 no' },
  { share: 3, says: 'drop' },
];
const atDot: readonly Choice[] = [
  { share: 80, says: '250 2.0.0 taken', makes: 'accepted' },
  { share: 6, says: '451 4.3.0 try again' },
  { share: 3, says: '554 5.6.0 looks bad' },
  { share: 3, says: '550 5.7.60 you cannot send as that' },
  { share: 4, says: 'drop', makes: 'uncertain' },
  { share: 4, says: { torn: '250 2.0.0 ta', end: 'reset' }, makes: 'uncertain' },
];

interface Truth {
  readonly state: Map<string, State>;
  readonly times: Map<string, number>;
  readonly askedAgain: Set<string>;
  /** Every reply of 4yz or 5yz: to which message, about whom, in which words. */
  readonly refusals: { number: number; mailbox?: string; words: string; isFinal: boolean }[];
  readonly replies: Record<string, number>;
}

/** Each message has a sender of its own, so that a reply to MAIL is known to be about it. */
const senders = '*@a.example';
const batch = 100;
/** Passes over what is deferred: memory and due times are ignored, so each may go otherwise than the one before. */
const rounds = 3;

/** Sends so many messages to one to six recipients each over three relays that answer at random, and compares every state shown. */
export async function refuseAtRandom(
  messages: number,
  { seed, onProgress }: { seed: number; onProgress?: (done: number) => void },
): Promise<RefusalsReport> {
  const random = seeded(seed);
  const truth: Truth = { state: new Map(), times: new Map(), askedAgain: new Set(), refusals: [], replies: {} };
  const profile = await openFaultProfile();
  const servers: ScriptedSmtp[] = [];
  try {
    for (let index = 0; index < 3; index += 1) servers.push(await startMoodyServer(truth, random, index));
    const at = (index: number) => [{ port: servers[index]?.port ?? 0, security: 'none' as const }];
    await profile.addRoute(senders, [
      { label: 'First', endpoints: [...at(0), ...at(0)] },
      { label: 'Second', endpoints: at(1), maxRecipients: 2 },
      { label: 'Third', endpoints: at(2) },
    ]);
    const all: FaultMessage[] = [];
    while (all.length < messages) {
      const some = Array.from({ length: Math.min(batch, messages - all.length) }, (_, index) => {
        const number = all.length + index;
        const recipients = Array.from(
          { length: 1 + Math.floor(random() * 6) },
          (_none, r) => `m${number}.r${r}@d${Math.floor(random() * 4)}.example`,
        );
        return { number, sender: `m${number}@a.example`, recipients };
      });
      all.push(...some);
      for (const mailbox of some.flatMap(({ recipients }) => recipients)) truth.state.set(mailbox, 'pending');
      await profile.queue(some);
      for (let round = 0; round < rounds; round += 1) await profile.flushNow();
      onProgress?.(all.length);
    }
    return await audit(profile, all, truth);
  } finally {
    await profile.dispose();
    await Promise.all(servers.map((server) => server.close()));
  }
}

/** The mail transaction a message is in: one at a time, whatever the server. */
interface Open {
  hasRefusal: boolean;
  /** The server went away: what it would have said to the rest of a pipelined burst, nobody hears. */
  isGone: boolean;
}

async function startMoodyServer(truth: Truth, random: () => number, index: number): Promise<ScriptedSmtp> {
  const isPipelining = index !== 1;
  const open = new Map<number, Open>();
  /**
   * When a connection ends in the middle of a burst, replies before its end may or may not be heard. So that the truth is
   * known, a server that pipelines goes away only while it has refused nobody.
   */
  const chooseHeard = (choices: readonly Choice[], number: number, mailbox?: string): Choice => {
    const now = open.get(number);
    const isGoing = ({ says }: Choice): boolean => says === 'drop' || String(says).startsWith('421');
    const possible = isPipelining && now?.hasRefusal === true ? choices.filter((choice) => !isGoing(choice)) : choices;
    const choice = choose(possible, number, mailbox);
    if (now !== undefined) {
      now.hasRefusal ||= /^[45]/.test(String(choice.says));
      now.isGone ||= isGoing(choice);
    }
    return choice;
  };
  /** Every refusal has a number of its own, so that its words can be found again. */
  const choose = (choices: readonly Choice[], number: number, mailbox?: string): Choice => {
    const choice = pick(choices, random);
    const { says } = choice;
    const name = typeof says === 'string' ? says : 'torn yes';
    truth.replies[name] = (truth.replies[name] ?? 0) + 1;
    if (typeof says !== 'string' || !/^[45]/.test(says)) return choice;
    const words = `${says}, case ${truth.refusals.length}.`;
    const about = mailbox === undefined ? {} : { mailbox };
    truth.refusals.push({ number, ...about, words, isFinal: choice.makes === 'refused' });
    return { ...choice, says: words };
  };
  const become = (mailbox: string, state: State): void => {
    truth.state.set(mailbox, state);
  };
  return startScriptedSmtp({
    offers: isPipelining ? ['PIPELINING'] : [],
    mail(reversePath) {
      open.set(numberOf(reversePath), { hasRefusal: false, isGone: false });
      return chooseHeard(atMail, numberOf(reversePath)).says;
    },
    rcpt(mailbox) {
      if (open.get(numberOf(mailbox))?.isGone === true) return 'silence';
      if (truth.state.get(mailbox) !== 'pending') truth.askedAgain.add(mailbox);
      const choice = chooseHeard(atRecipient, numberOf(mailbox), mailbox);
      if (choice.makes !== undefined) become(mailbox, choice.makes);
      return choice.says;
    },
    data({ to }) {
      const [first] = to;
      if (first === undefined) return '554 5.5.1 no valid recipients';
      return open.get(numberOf(first))?.isGone === true ? 'silence' : chooseHeard(atData, numberOf(first)).says;
    },
    finalDot({ to }) {
      const choice = choose(atDot, numberOf(to[0] ?? ''));
      for (const mailbox of to) {
        if (choice.makes !== undefined) become(mailbox, choice.makes);
        // A torn yes may be a yes: it counts.
        if (choice.makes !== undefined) truth.times.set(mailbox, (truth.times.get(mailbox) ?? 0) + 1);
      }
      return choice.says;
    },
  });
}

function pick(choices: readonly Choice[], random: () => number): Choice {
  let left = random() * choices.reduce((sum, { share }) => sum + share, 0);
  const chosen = choices.find(({ share }) => {
    left -= share;
    return left < 0;
  });
  if (chosen === undefined) throw new Error('There is nothing to choose from.');
  return chosen;
}

async function audit(profile: FaultProfile, messages: readonly FaultMessage[], truth: Truth): Promise<RefusalsReport> {
  const items = new Map<number, OutboxItem>();
  for (const { number } of messages) items.set(number, await profile.itemOf(number));
  const shownAs = (item: OutboxItem, mailbox: string): State[] => {
    const refused = item.refused.map(({ mailbox: own }) => own);
    const lists = { accepted: item.accepted, refused, uncertain: item.uncertain, pending: item.pending };
    const states: State[] = ['accepted', 'refused', 'uncertain', 'pending'];
    return states.filter((state) => lists[state].includes(mailbox));
  };
  let wrongState = 0;
  const count = { accepted: 0, refused: 0, uncertain: 0, pending: 0 };
  for (const [mailbox, state] of truth.state) {
    const item = items.get(numberOf(mailbox));
    count[state] += 1;
    if (item === undefined || shownAs(item, mailbox).join() !== state) wrongState += 1;
  }
  let hidden = 0;
  let unexplained = 0;
  for (const { number, mailbox, words, isFinal } of truth.refusals) {
    const item = items.get(number);
    const said = item?.attempts.flatMap(({ text, recipients = [] }) => [text, ...recipients.map((own) => own.text)]);
    if (!said?.includes(words)) hidden += 1;
    const shown = item?.refused.find((own) => own.mailbox === mailbox);
    if (isFinal && shown?.text !== words) unexplained += 1;
  }
  const finished = [...items.values()].filter(({ state }) => state === 'sent' || state === 'failed');
  const told = finished.filter(({ refused }) => refused.length > 0).length;
  return {
    messages: messages.length,
    recipients: truth.state.size,
    ...count,
    mailedTwice: [...truth.times.values()].filter((times) => times > 1).length,
    askedAgain: truth.askedAgain.size,
    hidden,
    unexplained,
    wrongState,
    noticesMissing: Math.abs(told - (await profile.count(folder.inbox))),
    replies: truth.replies,
  };
}
