import type { FolderPath, MessageKey } from '#shared/ids.ts';
import type { Handlers } from '#shared/rpc/contract.ts';
import { composingHandlers } from './handlers/composing-handlers.ts';
import { folderHandlers } from './handlers/folder-handlers.ts';
import { hostHandlers } from './handlers/host-handlers.ts';
import { invitationHandlers } from './handlers/invitation-handlers.ts';
import { mailHandlers, type NotesOf } from './handlers/mail-handlers.ts';
import { openedFileHandlers } from './handlers/opened-file-handlers.ts';
import { practiceHandlers } from './handlers/practice-handlers.ts';
import type { NoticeBoard } from './notices.ts';
import type { CollectionService, HandlersOf, OutboxService, PracticeService, Rooms } from './services.ts';

/** The methods whose rooms answer for themselves. */
type RoomMethods =
  | 'settings.get'
  | 'settings.setPreferences'
  | `account.${'add' | 'set' | 'list' | 'remove'}`
  | `server.${'add' | 'set' | 'list' | 'remove' | 'reorder' | 'conditions' | 'forget' | 'memory' | 'kick' | 'acceptRelay'}`
  | `identity.${'add' | 'set' | 'list' | 'remove'}`
  | `contact.${'list' | 'put' | 'remove' | 'export'}`
  | `outbox.${'list' | 'get' | 'knows' | 'flush' | 'resolve' | 'reroute'}`
  | 'route.explain'
  | `network.${'location' | 'name' | 'list' | 'forget' | 'restore'}`
  | `check.${'server' | 'host' | 'account'}`
  | 'message.attempts'
  | `collect.${'start' | 'status'}`
  | `look.${'open' | 'headers' | 'collect' | 'remove' | 'close'}`
  | 'message.fetchWhole'
  | 'setup.propose'
  | 'contact.photo'
  | `backup.${'status' | 'create' | 'verify' | 'inspect' | 'messages' | 'restore'}`
  | `rule.${'list' | 'add' | 'set' | 'remove' | 'reorder' | 'run' | 'problems' | 'forgetProblems'}`
  | `junk.${'status' | 'set' | 'mark' | 'explain' | 'forget'}`
  | 'autoReply.set'
  | `scanner.${'status' | 'set' | 'try'}`
  | `quarantine.${'list' | 'release' | 'delete' | 'check'}`
  | 'export.start'
  | `import.${'places' | 'look' | 'count' | 'start' | 'unfinished' | 'forget'}`;

export type HandlerRooms = Pick<
  Rooms,
  'clock' | 'log' | 'emit' | 'profileDir' | 'secrets' | 'desktop' | 'store' | 'settings' | 'jobs' | 'message'
> & {
  readonly mailFolder: string;
  readonly outbox: OutboxService;
  readonly collection: CollectionService;
  readonly practice: PracticeService;
  readonly notices: NoticeBoard;
  readonly parts: HandlersOf<RoomMethods>;
  /** What the scanner and the rules have to say of a message. */
  readonly notesOf?: NotesOf;
  /** Told when the user moved messages. */
  readonly onMoved?: (moved: readonly { messageKey: MessageKey; from: FolderPath }[], to: FolderPath) => void;
};

/** Every method of the contract: the only surface by which a screen or the command reaches the core. */
export function createHandlers(rooms: HandlerRooms): Handlers {
  const { store, settings, jobs } = rooms;
  return {
    ...rooms.parts,
    ...folderHandlers(rooms),
    ...mailHandlers(rooms),
    ...composingHandlers(rooms),
    ...invitationHandlers(rooms),
    ...openedFileHandlers(rooms),
    ...practiceHandlers(rooms),
    ...hostHandlers(rooms),

    'contact.complete': async ({ prefix, limit }) => {
      const known = await store.knownAddresses(prefix, limit);
      const wanted = prefix.trim().toLocaleLowerCase();
      const book = settings
        .current()
        .contacts.filter(({ displayName, mailbox, nickname = '' }) =>
          [mailbox, displayName, nickname].some((text) => text.toLocaleLowerCase().includes(wanted)),
        )
        .map(({ displayName, mailbox }) => ({ displayName, mailbox }));
      const seen = new Set(book.map(({ mailbox }) => mailbox.toLowerCase()));
      return [...book, ...known.filter(({ mailbox }) => !seen.has(mailbox.toLowerCase()))].slice(0, limit);
    },

    'index.rebuild': async () => ({
      jobId: jobs.start({
        jobKind: 'index',
        label: 'Index',
        exclusive: 'index',
        work: async ({ report, signal }) => {
          const { messages } = await store.rebuildIndex(
            (done, total) => report({ phase: 'reading', done, total }),
            signal,
          );
          return { kind: 'index', messages, problems: [] };
        },
      }),
    }),
    'index.check': async () => ({
      jobId: jobs.start({
        jobKind: 'index',
        label: 'Index check',
        exclusive: 'index',
        work: async () => ({ kind: 'index', ...(await store.checkIndex()) }),
      }),
    }),

    'job.list': async () => jobs.list(),
    'job.cancel': async ({ jobId }) => {
      jobs.cancel(jobId);
      return {};
    },
  };
}
