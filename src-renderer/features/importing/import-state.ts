import { create } from 'zustand';
import type { JobId } from '#shared/ids.ts';
import type { ImportRequest, MailSourceView, SourceAccount, SourceCount } from '#shared/mail/mail-source.ts';
import type { Api } from '#shared/rpc/client.ts';
import { firstChoice, type ImportChoice } from './import-choice.ts';

/** Where the import stands that this screen is about. */
export type Step =
  | { readonly kind: 'where' }
  | { readonly kind: 'what'; readonly source: MailSourceView }
  | { readonly kind: 'starting'; readonly request: ImportRequest }
  | { readonly kind: 'refused'; readonly request: ImportRequest; readonly error: unknown }
  | { readonly kind: 'run'; readonly jobId: JobId; readonly request: ImportRequest | null };

interface ImportState {
  readonly step: Step;
  readonly choice: ImportChoice;
  /** The accounts of the program it came from. */
  readonly accounts: readonly SourceAccount[];
  /** By folder; what was counted after the look. */
  readonly counts: Readonly<Record<string, SourceCount>>;
}

/** Outlives the screen: whoever reads mail meanwhile finds the import as it was left. */
export const useImport = create<ImportState>()(() => ({
  step: { kind: 'where' },
  choice: firstChoice([]),
  accounts: [],
  counts: {},
}));

export function choose(patch: Partial<ImportChoice>): void {
  useImport.setState(({ choice }) => ({ choice: { ...choice, ...patch } }));
}

export function showSource(source: MailSourceView): void {
  useImport.setState({
    step: { kind: 'what', source },
    choice: firstChoice(source.folders, source.books),
    accounts: source.accounts,
    counts: {},
  });
}

export function addCounts(counted: readonly SourceCount[]): void {
  useImport.setState(({ counts }) => ({
    counts: { ...counts, ...Object.fromEntries(counted.map((count) => [count.id, count])) },
  }));
}

export function backToWhere(): void {
  useImport.setState({ step: { kind: 'where' } });
}

/** An import that was begun elsewhere: another window, the command. */
export function follow(jobId: JobId): void {
  useImport.setState({ step: { kind: 'run', jobId, request: null } });
}

export function startImport(api: Api, request: ImportRequest): void {
  useImport.setState({ step: { kind: 'starting', request } });
  api.call('import.start', request).then(
    ({ jobId }) => useImport.setState({ step: { kind: 'run', jobId, request } }),
    (error: unknown) => useImport.setState({ step: { kind: 'refused', request, error } }),
  );
}
