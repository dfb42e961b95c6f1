import type { RuleAct } from '#shared/mail/rule.ts';
import type { HandlersOf, Rooms } from '../services.ts';
import { type PerformRooms, performActs, type Subject } from './perform.ts';

export type RuleProblemMethods = 'rule.problems' | 'rule.forgetProblems';

/** So many are told. */
const toldAtMost = 100;

/**
 * Does the acts and writes down what could not be done, so that it is told where the rule stands and on the message; what
 * was written down of an earlier try goes. Answers the sentences.
 */
export async function performAndNote(
  rooms: PerformRooms,
  subject: Subject,
  acts: readonly RuleAct[],
): Promise<string[]> {
  const { store } = rooms;
  const { messageKey, at } = subject;
  const problems = await performActs(rooms, subject, acts);
  const before = await store.ruleProblems({ messageKey, limit: 1 });
  if (problems.length > 0 || before.length > 0)
    await store.putRuleProblems(
      messageKey,
      problems.map(({ ruleId, text }) => ({ ruleId, messageKey, at, text: text.slice(0, 2000) })),
    );
  return problems.map(({ text }) => text);
}

/** What rules could not do lately. */
export function ruleProblemHandlers({ store }: Pick<Rooms, 'store'>): HandlersOf<RuleProblemMethods> {
  return {
    'rule.problems': async () => {
      const problems = await store.ruleProblems({ limit: toldAtMost });
      return Promise.all(
        problems.map(async (problem) => ({
          ...problem,
          subject: (await store.summary(problem.messageKey))?.subject ?? '',
        })),
      );
    },
    'rule.forgetProblems': async ({ ruleId }) => {
      await store.forgetRuleProblems(ruleId);
      return {};
    },
  };
}
