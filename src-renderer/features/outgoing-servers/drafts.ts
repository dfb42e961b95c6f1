import { create } from 'zustand';
import type { ServerId } from '#shared/ids.ts';
import { t } from '../../i18n/index.ts';
import { offerUndo, showToast } from '../../ui/index.ts';
import type { ServerForm } from './server-form.ts';

/** The key of a server that is not added yet. */
export const newServer = 'new';
export type DraftKey = ServerId | typeof newServer;

interface DraftsState {
  /** What was typed and not saved, by server. It outlives the editor, not the window. */
  byKey: Readonly<Partial<Record<DraftKey, ServerForm>>>;
  /** Whether the editor is open on a server that is not added yet. */
  isAdding: boolean;
}

export const useServerDrafts = create<DraftsState>()(() => ({ byKey: {}, isAdding: false }));

export function keepDraft(key: DraftKey, form: ServerForm): void {
  useServerDrafts.setState(({ byKey }) => ({ byKey: { ...byKey, [key]: form } }));
}

export function dropDraft(key: DraftKey): void {
  useServerDrafts.setState(({ byKey }) => {
    const { [key]: _dropped, ...rest } = byKey;
    return { byKey: rest };
  });
}

export function setAdding(isAdding: boolean): void {
  useServerDrafts.setState({ isAdding });
}

/** Drops what was typed, and offers it back for a while. */
export function discardDraft(key: DraftKey, label: string | null, onReopen: () => void): void {
  const form = useServerDrafts.getState().byKey[key];
  dropDraft(key);
  if (form === undefined) return;
  const text =
    label === null
      ? t('outgoing-servers.editor.discardedNew')
      : t('outgoing-servers.editor.discarded', { server: label });
  offerUndo(text, () => {
    keepDraft(key, form);
    onReopen();
  });
}

/** Says that what was typed is kept, when an editor with changes was left. */
export function tellDraftKept(label: string | null, onReopen: () => void): void {
  showToast({
    text: label === null ? t('outgoing-servers.editor.keptNew') : t('outgoing-servers.editor.kept', { server: label }),
    action: { label: t('outgoing-servers.editor.reopen'), onPress: onReopen },
  });
}
