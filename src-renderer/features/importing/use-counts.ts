import { useEffect } from 'react';
import type { MailSourceView } from '#shared/mail/mail-source.ts';
import { useApi } from '../../api.ts';
import { addCounts, useImport } from './import-state.ts';

/** Counts what is not counted yet, a second at a time, for as long as somebody looks. */
export function useCounts(source: MailSourceView): void {
  const api = useApi();
  useEffect(() => {
    let isStopped = false;
    const countOn = async (): Promise<void> => {
      for (;;) {
        const { counts } = useImport.getState();
        const ids = source.folders.flatMap(({ id, messages }) =>
          messages === null && counts[id] === undefined ? [id] : [],
        );
        if (isStopped || ids.length === 0) return;
        const counted = await api.call('import.count', { path: source.path, ids: ids.slice(0, 10_000) });
        // What is no mbox by itself, a Takeout within a zip, stays uncounted.
        if (isStopped || counted.length === 0) return;
        addCounts(counted);
      }
    };
    // A count is a help; without it sizes are shown alone.
    countOn().catch(() => undefined);
    return () => {
      isStopped = true;
    };
  }, [api, source]);
}
