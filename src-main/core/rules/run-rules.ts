import type { FolderPath } from '#shared/ids.ts';
import { formatAddress } from '#shared/mail/address.ts';
import type { Rule, RuleAct, RulesReport, RuleTrialRow } from '#shared/mail/rule.ts';
import { MailError } from '#shared/mail-error.ts';
import type { JobContext } from '../jobs/job-runner.ts';
import type { Rooms } from '../services.ts';
import { applyRules, type RuleSurroundings } from './apply-rules.ts';
import { factsOf, type MessageFacts, maxTextOctets } from './facts.ts';
import type { PerformRooms } from './perform.ts';
import { performAndNote } from './rule-problems.ts';

/** So many of the messages matched are told one by one. */
const maxRows = 1000;
const maxProblems = 100;
const batch = 25;

/** Asks rules about every message of a folder and does what they say, or, dry, only tells. */
export async function runRules(
  rooms: PerformRooms & Pick<Rooms, 'clock'>,
  run: {
    readonly folder: FolderPath;
    readonly rules: readonly Rule[];
    readonly isDryRun: boolean;
    readonly surroundings: RuleSurroundings;
  },
  { signal, report }: Pick<JobContext, 'signal' | 'report'>,
): Promise<RulesReport> {
  const { store, clock } = rooms;
  const keys = await store.listKeys(run.folder);
  const rows: RuleTrialRow[] = [];
  const problems: string[] = [];
  let examined = 0;
  let matched = 0;
  for (let at = 0; at < keys.length; at += batch) {
    signal.throwIfAborted();
    const decided = await Promise.all(
      keys.slice(at, at + batch).map(async (messageKey) => {
        const seen = await decide(store, messageKey, run.rules, run.surroundings);
        if (seen === null || seen.facts.folder !== run.folder) return null;
        const { acts } = seen;
        if (acts.length > 0 && !run.isDryRun)
          problems.push(...(await performAndNote(rooms, { messageKey, facts: seen.facts, at: clock.now() }, acts)));
        return { messageKey, ...seen };
      }),
    );
    for (const one of decided) {
      if (one === null) continue;
      examined += 1;
      if (one.acts.length === 0) continue;
      matched += 1;
      if (rows.length < maxRows) rows.push(await rowOf(store, one));
    }
    report({
      phase: run.isDryRun ? 'trying rules' : 'applying rules',
      done: Math.min(at + batch, keys.length),
      total: keys.length,
    });
  }
  const { folder, isDryRun } = run;
  return { kind: 'rules', isDryRun, folder, examined, matched, rows, problems: problems.slice(0, maxProblems) };
}

/** Null: the message is gone. */
export async function decide(
  store: Rooms['store'],
  messageKey: RuleTrialRow['messageKey'],
  rules: readonly Rule[],
  surroundings: RuleSurroundings,
): Promise<{ facts: MessageFacts; acts: RuleAct[] } | null> {
  try {
    const facts = factsOf(await store.outline(messageKey, maxTextOctets), surroundings.multidropFields);
    return { facts, acts: applyRules(rules, facts, surroundings) };
  } catch (error) {
    if (error instanceof MailError && error.code === 'ENOTFOUND') return null;
    throw error;
  }
}

async function rowOf(
  store: Rooms['store'],
  { messageKey, facts, acts }: { messageKey: RuleTrialRow['messageKey']; facts: MessageFacts; acts: RuleAct[] },
): Promise<RuleTrialRow> {
  const row = await store.summary(messageKey);
  const author = facts.from[0];
  return {
    messageKey,
    subject: facts.subject,
    from: author === undefined ? '' : formatAddress(author),
    date: row?.date ?? new Date(0).toISOString(),
    acts,
  };
}
