import { create } from 'zustand';
import type { IdentityId, ServerId } from '#shared/ids.ts';
import { t } from '../../i18n/index.ts';
import { offerUndo, showToast } from '../../ui/index.ts';
import type { IdentityForm } from './identity-form.ts';
import type { ServerForm } from './server-form.ts';

/** The key of what is not added yet. */
export const unborn = 'new';

/** What was typed and not saved, by what it is about. It outlives the editor, not the window. */
export interface Drafts<K, F> {
  use(key: K): F | undefined;
  get(key: K): F | undefined;
  keep(key: K, form: F): void;
  drop(key: K): void;
}

function createDrafts<K, F>(): Drafts<K, F> {
  const useDrafts = create<{ byKey: ReadonlyMap<K, F> }>()(() => ({ byKey: new Map() }));
  return {
    use: (key) => useDrafts((state) => state.byKey.get(key)),
    get: (key) => useDrafts.getState().byKey.get(key),
    keep: (key, form) => useDrafts.setState(({ byKey }) => ({ byKey: new Map(byKey).set(key, form) })),
    drop: (key) =>
      useDrafts.setState(({ byKey }) => ({ byKey: new Map([...byKey].filter(([other]) => other !== key)) })),
  };
}

export type ServerKey = ServerId | typeof unborn;
export const serverDrafts = createDrafts<ServerKey, ServerForm>();

export type IdentityKey = IdentityId | typeof unborn;
export const identityDrafts = createDrafts<IdentityKey, IdentityForm>();

/** Whether the editor is open on a server that is not added yet. */
export const useAdding = create<{ isAdding: boolean }>()(() => ({ isAdding: false }));

export function setAdding(isAdding: boolean): void {
  useAdding.setState({ isAdding });
}

/** Drops what was typed, and offers it back for a while. `label`: what it is about; null: something new. */
export function discardDraft<K, F>(drafts: Drafts<K, F>, key: K, label: string | null, onReopen: () => void): void {
  const form = drafts.get(key);
  drafts.drop(key);
  if (form === undefined) return;
  const text =
    label === null
      ? t('outgoing-servers.editor.discardedNew')
      : t('outgoing-servers.editor.discarded', { what: label });
  offerUndo(text, () => {
    drafts.keep(key, form);
    onReopen();
  });
}

/** Says that what was typed is kept, when an editor with changes was left. */
export function tellDraftKept(label: string | null, onReopen: () => void): void {
  showToast({
    text: label === null ? t('outgoing-servers.editor.keptNew') : t('outgoing-servers.editor.kept', { what: label }),
    action: { label: t('outgoing-servers.editor.reopen'), onPress: onReopen },
  });
}
