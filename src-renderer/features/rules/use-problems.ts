import { useCallback, useEffect, useState } from 'react';
import type { Result } from '#shared/rpc/contract.ts';
import { afterQuiet } from '../../after-quiet.ts';
import { useApi } from '../../api.ts';

export type ToldProblem = Result<'rule.problems'>[number];

/** What rules could not do lately, and how to have it forgotten. */
export function useProblems(): { problems: readonly ToldProblem[]; forget: () => Promise<void> } {
  const api = useApi();
  const [problems, setProblems] = useState<readonly ToldProblem[]>([]);
  const load = useCallback(async (): Promise<void> => setProblems(await api.call('rule.problems', {})), [api]);
  useEffect(() => {
    // An aside: when it cannot be had, the last answer stays.
    const again = afterQuiet(() => void load().catch(() => undefined));
    again.now();
    const stops = [api.on('store.changed', again.soon), api.on('settings.changed', again.soon), again.stop];
    return () => {
      for (const stop of stops) stop();
    };
  }, [api, load]);
  return {
    problems,
    forget: async () => {
      await api.call('rule.forgetProblems', {});
      await load();
    },
  };
}
