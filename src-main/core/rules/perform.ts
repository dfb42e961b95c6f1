import { createHash } from 'node:crypto';
import { assertNever } from '#shared/assert-never.ts';
import { MessageKey, type RuleId } from '#shared/ids.ts';
import { isBeginning } from '#shared/mail/beginning.ts';
import type { RuleAct, RuleAction } from '#shared/mail/rule.ts';
import { MailError } from '#shared/mail-error.ts';
import type { Rooms } from '../services.ts';
import type { MessageFacts } from './facts.ts';
import { forwardedBytes, redirectedBytes, whyNotSentOn, writingAddress } from './send-on.ts';

export type PerformRooms = Pick<Rooms, 'store' | 'settings' | 'message' | 'outbox' | 'log'>;

/** What the acts are done to. */
export interface Subject {
  readonly messageKey: MessageKey;
  readonly facts: MessageFacts;
  /** Epoch milliseconds: when it came, or when the rules were run by hand. */
  readonly at: number;
}

/** What a rule could not do, in a sentence that names it. */
export interface ActProblem {
  readonly ruleId: RuleId;
  readonly text: string;
}

type SendAction = Extract<RuleAction, { kind: 'forward' | 'redirect' }>;

/** With these the disk or the Mail folder is at fault: nothing else will succeed either, and all is tried again later. */
const fatal: readonly string[] = ['EDISKFULL', 'EIO', 'EPERMISSION', 'EMAILFOLDER', 'EINTERNAL'];

/**
 * Does the acts in their order, the move last: who finds a message where it was filed knows that not everything was done.
 * Every act may be done again without harm. Answers what could not be done, in sentences; throws only what concerns all mail.
 */
export async function performActs(
  rooms: PerformRooms,
  subject: Subject,
  acts: readonly RuleAct[],
): Promise<ActProblem[]> {
  const problems: ActProblem[] = [];
  for (const { ruleId, ruleName, action } of acts) {
    try {
      const problem = await perform(rooms, subject, action);
      if (problem !== null) problems.push({ ruleId, text: `“${ruleName}”: ${problem}` });
    } catch (error) {
      if (!(error instanceof MailError) || fatal.includes(error.code)) throw error;
      problems.push({ ruleId, text: `“${ruleName}”: ${failedWords(action)}${error.message}` });
    }
  }
  return problems;
}

/** What would pass on a beginning as if it were the message. */
const needsWhole: ReadonlySet<RuleAction['kind']> = new Set(['copy', 'forward', 'redirect']);

/** An error tells of itself, not of what was to be done. */
function failedWords(action: RuleAction): string {
  switch (action.kind) {
    case 'move':
      return `It was not moved to ${action.folder}. `;
    case 'copy':
      return `It was not copied to ${action.folder}. `;
    case 'forward':
    case 'redirect':
      return `It was not sent on to ${action.to}. `;
    default:
      return '';
  }
}

async function perform(rooms: PerformRooms, subject: Subject, action: RuleAction): Promise<string | null> {
  const { store } = rooms;
  const { messageKey } = subject;
  if (isBeginning(messageKey) && needsWhole.has(action.kind))
    return `${failedWords(action)}Only the beginning of this large message is here.`;
  switch (action.kind) {
    case 'move':
      if (action.folder !== subject.facts.folder) await store.move([messageKey], action.folder);
      return null;
    case 'copy':
      await copy(rooms, messageKey, action.folder);
      return null;
    case 'tag':
      await store.setTags([messageKey], [action.tag], []);
      return null;
    case 'flag':
      await store.setFlags([messageKey], ['flagged'], []);
      return null;
    case 'mark-read':
      await store.setFlags([messageKey], ['seen'], []);
      return null;
    case 'forward':
    case 'redirect':
      return await sendOn(rooms, subject, action);
    case 'stop':
      return null;
    default:
      return assertNever(action);
  }
}

/** Under a key made from the message's own and the folder: copied again, it is there already. */
async function copy(
  { store }: PerformRooms,
  messageKey: MessageKey,
  folder: Extract<RuleAction, { kind: 'copy' }>['folder'],
): Promise<void> {
  const bytes = new Uint8Array(await store.read(messageKey));
  const row = await store.summary(messageKey);
  const name = createHash('sha256').update(`copy\0${messageKey}\0${folder}`).digest('hex').slice(0, 32);
  const content = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const key = MessageKey.parse(`${name}-${content}`);
  await store.file([{ folder, messageKey: key, bytes, flags: row?.flags ?? [], tags: row?.tags ?? [] }]);
}

async function sendOn(
  rooms: PerformRooms,
  { messageKey, facts, at }: Subject,
  action: SendAction,
): Promise<string | null> {
  const { store, settings, message, outbox } = rooms;
  const identity = settings.identity(action.identityId);
  if (identity === undefined) return 'It was not sent on: the identity it names is not there any more.';
  const from = writingAddress(identity, facts);
  if (from === null) return `It was not sent on: it names no address of ${identity.address}.`;
  const own = settings.current().identities.map(({ address }) => address);
  const against = whyNotSentOn(facts, own, action.to);
  if (against !== null) return `It was not sent on. ${against}`;
  const original = await store.read(messageKey);
  const on = { messageKey, from, to: action.to, at };
  const bytes = action.kind === 'redirect' ? redirectedBytes(original, on) : forwardedBytes(original, facts, on);
  const built = await message.prepareFile(bytes, { reversePath: from, forwardPaths: [action.to] });
  // The same bytes in the Outbox or in Sent: this was done before a crash.
  if ((await store.findByContent(built.bytes)).length > 0) return null;
  await outbox.enqueue(built, { identityId: identity.id, undoMs: 0 });
  return null;
}
