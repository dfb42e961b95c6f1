import { create } from 'zustand';
import type { AccountId, FolderPath, MessageKey, ServerId, UploadId } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { SourceAccount } from '#shared/mail/mail-source.ts';
import type { ComposeKind } from '#shared/mail/message.ts';

/** What fills the window. */
export type View =
  /** `formerly`: the folder's name until a moment ago; the same mail stays in view. */
  | { kind: 'mail'; folder: FolderPath; messageKey?: MessageKey; formerly?: FolderPath }
  | { kind: 'outbox' }
  | { kind: 'outgoing-servers'; serverId?: ServerId; tab?: 'servers' | 'identities' | 'route' | 'probe' }
  | { kind: 'networks' }
  | { kind: 'settings'; section?: string }
  /** `from`: an account of another program's, to begin with what it was set up with. */
  | { kind: 'account-setup'; from?: SourceAccount }
  | { kind: 'backup' }
  | { kind: 'import' }
  /** `like`: a new rule is begun for mail like a message. */
  | { kind: 'rules'; like?: RuleLike }
  | { kind: 'look-first'; accountId?: AccountId }
  /** A message file from the disk, handed in to be read. */
  | { kind: 'opened-file'; uploadId: UploadId; fileName: string };

/** What a new rule begins with. */
export interface RuleStart {
  name: string;
  field: 'from' | 'list-id';
  value: string;
}

/** Begun at a message, to which one returns. */
export interface RuleLike extends RuleStart {
  folder: FolderPath;
  messageKey: MessageKey;
}

/** What a composer begins with. */
export interface ComposeStart {
  kind: ComposeKind;
  messageKey?: MessageKey;
  mailto?: string;
  /** Something to know about this draft, said above it. */
  note?: string;
}

export interface OpenComposer {
  id: string;
  start: ComposeStart;
}

interface NavigationState {
  view: View;
  /** Earlier views, the latest last. */
  past: readonly View[];
  composers: readonly OpenComposer[];
  /** Shows another view; choosing another message or folder is not a step to go back over. */
  open: (view: View) => void;
  back: () => void;
  compose: (start: ComposeStart) => void;
  closeComposer: (id: string) => void;
}

/** A message attached to a file that is read is one step further. */
function isStep(from: View, to: View): boolean {
  return from.kind !== to.kind || to.kind === 'opened-file';
}

const pastLimit = 20;
let nextComposer = 1;

export const useNavigation = create<NavigationState>()((set, get) => ({
  view: { kind: 'mail', folder: folder.inbox },
  past: [],
  composers: [],
  open: (view) =>
    set((state) => ({
      view,
      past: isStep(state.view, view) ? [...state.past, state.view].slice(-pastLimit) : state.past,
    })),
  back: () =>
    set((state) => {
      const last = state.past.at(-1);
      return last === undefined
        ? { view: { kind: 'mail', folder: folder.inbox } }
        : { view: last, past: state.past.slice(0, -1) };
    }),
  compose: (start) => {
    // A draft that is being written already comes back to the front instead of opening twice.
    const same = get().composers.find(
      ({ start: open }) => start.kind === 'edit' && open.kind === 'edit' && open.messageKey === start.messageKey,
    );
    if (same === undefined) set((state) => ({ composers: [...state.composers, { id: `c${nextComposer++}`, start }] }));
    else set((state) => ({ composers: [...state.composers.filter(({ id }) => id !== same.id), same] }));
  },
  closeComposer: (id) => set((state) => ({ composers: state.composers.filter((composer) => composer.id !== id) })),
}));
