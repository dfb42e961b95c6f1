import { type MessageKey, RuleId } from '#shared/ids.ts';
import { folder as mailFolder } from '#shared/mail/folder.ts';
import type { Rule, RuleAction } from '#shared/mail/rule.ts';
import { MailError } from '#shared/mail-error.ts';
import { fieldsOfMultidrops } from '../message/delivered-to.ts';
import type { HandlersOf, Rooms } from '../services.ts';
import type { Arrival, Store } from '../store/store-api.ts';
import { createPatterns, type RuleSurroundings } from './apply-rules.ts';
import { createArrivals } from './arrivals.ts';
import { type AutoReplyMethods, answer, autoReplyHandlers, isActive } from './auto-reply.ts';
import type { MessageFacts } from './facts.ts';
import { createJunk, type Junk, type JunkMethods } from './junk/junk.ts';
import { performAndNote, type RuleProblemMethods, ruleProblemHandlers } from './rule-problems.ts';
import { checkRule, ruleOf, ruleSettings } from './rule-settings.ts';
import { decide, runRules } from './run-rules.ts';

export type RulesRooms = Pick<Rooms, 'clock' | 'log' | 'emit' | 'store' | 'settings' | 'jobs' | 'message' | 'outbox'>;

export type RulesMethods =
  | `rule.${'list' | 'add' | 'set' | 'remove' | 'reorder' | 'run'}`
  | RuleProblemMethods
  | JunkMethods
  | AutoReplyMethods;

export interface Rules {
  readonly handlers: HandlersOf<RulesMethods>;
  /** The store for whoever collects: what comes in goes through the rules. */
  readonly filing: Store;
  /** The user moved messages: the junk filter learns from it. */
  readonly noteMoved: Junk['noteMoved'];
  /** Reads what was learnt; called once, before anything is collected. */
  load(): Promise<void>;
  /** What rules could not do with a message, in sentences; undefined: nothing. */
  problemsOf(messageKey: MessageKey): Promise<string[] | undefined>;
  /** There is anything to ask about mail that arrives. */
  wantsArrivals(): boolean;
  /** Takes up what waited when the app ended, and what was marked as an arrival since. */
  start(): void;
  /** Resolves when what came in has been through the rules. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** What happens by itself to mail that arrives. */
export function createRules(rooms: RulesRooms): Rules {
  const { store, settings, jobs, log } = rooms;
  const patternOf = createPatterns();
  const surroundings = (): RuleSurroundings => {
    const { identities, accounts } = settings.current();
    return { identities, multidropFields: fieldsOfMultidrops(accounts), patternOf };
  };
  const junk = createJunk(rooms);
  let answering: Promise<void> = Promise.resolve();
  const arrivals = createArrivals(rooms, {
    isWanted,
    handle,
  });

  function isWanted(): boolean {
    const { rules, autoReplies } = settings.current();
    if (junk.isReady() || rules.some(({ isEnabled }) => isEnabled)) return true;
    return autoReplies.some((reply) => isActive(reply, rooms.clock.now()));
  }

  async function handle({ messageKey, folder, filedAt }: Arrival): Promise<void> {
    const seen = await decide(store, messageKey, settings.current().rules, surroundings());
    // Elsewhere: the user was faster, or it was moved before a crash, which is the last thing done to it.
    if (seen === null || seen.facts.folder !== folder) return;
    const { facts } = seen;
    const isMoved = seen.acts.some(({ action }) => action.kind === 'move');
    // What a rule of the user's puts somewhere is wanted. Junk is not sent on, but may be tagged.
    const isJunk = !isMoved && (await junk.isJunk(facts));
    const acts = isJunk ? seen.acts.filter(({ action }) => !isSending(action)) : seen.acts;
    const isWanted = !acts.some(({ action }) => action.kind === 'move' && action.folder === mailFolder.junk);
    if (!isJunk && isWanted) await answerInTurn(messageKey, facts);
    const problems = await performAndNote(rooms, { messageKey, facts, at: filedAt }, acts);
    if (isJunk) await store.move([messageKey], mailFolder.junk);
    for (const problem of problems) log.warn(`A rule could not do everything. ${problem}`, { messageKey });
  }

  /** One after another: of two messages of one sender the second finds the first answered. */
  function answerInTurn(messageKey: MessageKey, facts: MessageFacts): Promise<void> {
    answering = answering
      .then(() => answer(rooms, messageKey, facts))
      .catch((error: unknown) => log.error('A message was not answered by itself.', error));
    return answering;
  }

  return {
    noteMoved: junk.noteMoved,
    load: junk.load,
    handlers: {
      ...ruleSettings(settings),
      ...ruleProblemHandlers(rooms),
      ...junk.handlers,
      ...autoReplyHandlers(rooms),
      'rule.run': async ({ folder, ruleIds, draft, isDryRun }) => {
        if (folder === mailFolder.quarantine)
          throw new MailError('EINVALID', 'No rule is asked about what lies in Quarantine. Release it first.');
        const now = settings.current();
        const rules = ruleIds?.map((id): Rule => ({ ...ruleOf(now, id), isEnabled: true })) ?? now.rules;
        if (draft !== undefined) checkRule(draft, now);
        const asked = draft === undefined ? rules : [{ ...draft, id: RuleId.parse('draft'), isEnabled: true }];
        return {
          jobId: jobs.start({
            jobKind: 'rules',
            label: folder,
            exclusive: 'rules',
            work: (context) =>
              runRules(rooms, { folder, rules: asked, isDryRun, surroundings: surroundings() }, context),
          }),
        };
      },
    },
    filing: arrivals.filing,
    wantsArrivals: isWanted,
    async problemsOf(messageKey) {
      const problems = await store.ruleProblems({ messageKey, limit: 20 });
      return problems.length === 0 ? undefined : problems.map(({ text }) => text);
    },
    start: arrivals.wake,
    settled: arrivals.settled,
    async close() {
      await arrivals.close();
      await junk.close();
    },
  };
}

function isSending({ kind }: RuleAction): boolean {
  return kind === 'forward' || kind === 'redirect';
}
