import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { toDiskError } from '#shared/disk-error.ts';
import type { AccountId } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import type { EventName, Payload } from '#shared/rpc/contract.ts';
import { createServer, type RpcServer } from '#shared/rpc/server.ts';
import type { Transport } from '#shared/rpc/transport.ts';
import type { WindowCommand } from '#shared/rpc/window-command.ts';
import { createArchive } from './backup/archive/archive.ts';
import { createBackup } from './backup/backup.ts';
import { createBlobHandler } from './blobs.ts';
import { guardedForPages } from './handlers/page-guard.ts';
import { createRaise } from './handlers/raise.ts';
import { createHandlers } from './handlers.ts';
import { credentialsKept } from './incoming/account-credentials.ts';
import { createCollection } from './incoming/collection.ts';
import type { Dialled } from './incoming/dial-ahead.ts';
import { meetServersAhead, type ServersAhead } from './incoming/servers-ahead.ts';
import { folderForHanded } from './incoming/sort-multidrop.ts';
import { createJobRunner } from './jobs/job-runner.ts';
import { createMessageService } from './message/message-service.ts';
import { createNoticeBoard } from './notices.ts';
import { createTokenSource } from './oauth-token.ts';
import { registrableDomain } from './outgoing/diagnosis/registrable-domain.ts';
import { createOutgoing } from './outgoing/outgoing.ts';
import { createOutsideFolders } from './outside-folders.ts';
import type { Clock, Desktop, Log, Network, Resources, Secrets, Spawn } from './ports.ts';
import { createPractice } from './practice/practice.ts';
import { compilePattern } from './rules/pattern.ts';
import { createRules } from './rules/rules.ts';
import { createScanning } from './scanning/scanning.ts';
import type { Base, SettingsService } from './services.ts';
import { createSettings } from './settings/settings.ts';
import { openStore } from './store/open-store.ts';
import type { StoreWorker } from './store/start-store-worker.ts';
import { version } from './version.ts';

export interface AppCoreOptions {
  /** Settings, ledger, index and secrets live here; made 0700 when missing. */
  readonly profileDir: string;
  /** The Maildir; `profileDir/Mail` unless given. */
  readonly mailFolder?: string;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  readonly network: Network;
  readonly spawn: Spawn;
  readonly resources: Resources;
  readonly desktop: Desktop;
  /** The store's thread on these folders, when it was started before this module was loaded. */
  readonly storeWorker?: StoreWorker;
  /** What the caller collects first: these servers are met while the store opens. */
  readonly collects?: CollectsFrom;
  /** Connections with these servers that were begun before this module was loaded; the caller closes what is left. */
  readonly dialled?: Dialled;
  /** Settings that cannot be read are kept aside and empty ones begun, unless they are to be refused (ESETTINGS). */
  readonly brokenSettings?: 'keep-aside' | 'refuse';
}

/** Accounts to collect from. */
export type CollectsFrom = readonly AccountId[] | 'all';

/** The whole application without a face: what every host and the command runs. */
export interface AppCore {
  /** Serves one more screen or command; the answer detaches it. */
  attach(transport: Transport): () => void;
  /** The same for a page, which may not name a program to run. */
  attachPage(transport: Transport): () => void;
  /** Message bytes, attachments and uploads: paths under `/blob/`. The caller has already checked who asks. */
  handleBlob(request: Request): Promise<Response>;
  /** Begins collecting and sending by schedule. A command that does one thing leaves it out. */
  start(): Promise<void>;
  /**
   * Loads what is otherwise loaded by the first that needs it. For a program that stays: an update may put other files in
   * the place of its own.
   */
  loadTheRest(): Promise<void>;
  /** Asks the open windows to come to the front: to write to a `mailto:` address, to read the message of a `file:` URL. */
  raise(address?: string): void;
  /** Has the screens do what a menu outside of them was asked for. */
  ask(command: WindowCommand): void;
  /** Lets what is under way come to a safe end, then lets go of every file. */
  close(): Promise<void>;
}

/**
 * Makes the rooms and hands each what it may use. The caller holds the profile's lock. Throws `MailError`
 * (EPERMISSION, EDISKFULL, EVERSION …) when the profile cannot be opened.
 */
export async function createAppCore(options: AppCoreOptions): Promise<AppCore> {
  const { profileDir, secrets, clock, log } = options;
  const mailFolder = options.mailFolder ?? join(profileDir, 'Mail');
  await mkdir(profileDir, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw toDiskError(error, 'open the folder of the profile');
  });

  const servers: RpcServer[] = [];
  const emit = <E extends EventName>(name: E, payload: Payload<E>): void => {
    for (const server of servers) server.emit(name, payload);
  };
  const base: Base = { clock, log, emit };

  const settings = await createSettings({ ...base, profileDir, secrets, brokenSettings: options.brokenSettings });
  const ahead = meetFirst(settings, options);
  try {
    return await openRooms(options, { base, mailFolder, servers, settings, ahead });
  } catch (error) {
    await ahead?.close();
    throw error;
  }
}

function meetFirst(settings: SettingsService, { collects, clock, dialled }: AppCoreOptions): ServersAhead | undefined {
  if (collects === undefined) return undefined;
  const { accounts } = settings.current();
  const chosen = collects === 'all' ? accounts : accounts.filter(({ id }) => collects.includes(id));
  return meetServersAhead(chosen, clock, credentialsKept(settings, createTokenSource), dialled);
}

interface Ground {
  readonly base: Base;
  readonly mailFolder: string;
  readonly servers: RpcServer[];
  readonly settings: Awaited<ReturnType<typeof createSettings>>;
  readonly ahead: ServersAhead | undefined;
}

/** Opens the store and makes the rooms on it. */
async function openRooms(options: AppCoreOptions, ground: Ground): Promise<AppCore> {
  const { profileDir, secrets, clock, log, network, spawn, resources, desktop } = options;
  const { base, mailFolder, servers, settings, ahead } = ground;
  const { emit } = base;
  const store = await openStore({
    profileDir,
    mailFolder,
    workerUrl: resources.worker('store-worker'),
    worker: options.storeWorker,
    keepsChanges: true,
    log,
    clock,
  });
  const jobs = createJobRunner(clock, log);
  const notices = createNoticeBoard(emit);
  const scanning = createScanning({
    ...base,
    profileDir,
    store,
    settings,
    notices,
    wantsArrivals: () => rules.wantsArrivals(),
    onFiled: () => rules.start(),
  });
  const message = createMessageService({
    ...base,
    profileDir,
    spawn,
    resources,
    store,
    settings,
    isHeld: scanning.isHeld,
  });
  const tokenSourceFor = createTokenSource;
  const outgoing = createOutgoing({
    ...base,
    store,
    settings,
    jobs,
    network,
    tokenSourceFor,
    version,
    sortArrival: (mail) => folderForHanded(settings.current().accounts, mail),
    onStrays: (text) => notices.put({ id: 'strays', level: 'warning', text, action: 'none' }),
    fileArrivals: (requests) => filing.file(requests),
    arrivalsSettled: () => scanning.settled().then(rules.settled),
  });
  const rules = createRules({ ...base, store, settings, jobs, message, outbox: outgoing.outbox });
  await rules.load();
  const filing = scanning.filing(rules.filing);
  const incoming = createCollection({
    ...base,
    store: filing,
    ahead,
    afterFiling: async (signal, onProgress) => {
      // A command may be the first to run since a crash left something waiting.
      scanning.start();
      rules.start();
      await scanning.settled(signal, onProgress);
      await rules.settled();
    },
    settings,
    jobs,
    tokenSourceFor,
    resources,
    inboxOf: (account) => account.folder ?? folder.inbox,
    warn: (id, notice) => (notice === null ? notices.dismiss(id) : notices.put(notice)),
  });
  const practice = createPractice({ clock, log, profileDir, resources });
  const backup = createBackup({ ...base, profileDir, store, jobs, settings });
  const archive = createArchive({
    ...base,
    profileDir,
    mailFolder,
    secrets,
    store,
    settings,
    jobs,
    outbox: outgoing.outbox,
    appVersion: version,
    remind: (text) => {
      if (text === null) notices.dismiss('backup');
      else notices.put({ id: 'backup', level: 'info', text, action: 'open-backup' });
    },
  });

  const handlers = createHandlers({
    ...base,
    profileDir,
    mailFolder,
    secrets,
    desktop,
    store,
    settings,
    jobs,
    message,
    practice,
    notices,
    outbox: outgoing.outbox,
    collection: incoming,
    onMoved: rules.noteMoved,
    notesOf: async (messageKey, at) => ({
      scan: await scanning.noteOf(messageKey, at),
      ruleProblems: await rules.problemsOf(messageKey),
      beginning: await incoming.beginningOf(messageKey),
    }),
    parts: {
      ...settings.handlers,
      ...outgoing.handlers,
      ...incoming.handlers,
      ...backup.handlers,
      ...archive.handlers,
      ...rules.handlers,
      ...scanning.handlers,
    },
  });
  const onUnexpected = (error: unknown, method: string): void => log.error(`${method} failed unexpectedly.`, error);
  const server = createServer(handlers, onUnexpected);
  const pages = createServer(guardedForPages(handlers, { settings, desktop }), onUnexpected);
  servers.push(server, pages);

  const outsideFolders = createOutsideFolders({ store, settings, notices, log });
  jobs.onChanged((job) => emit('job.changed', job));
  store.onChanged((change) => {
    emit('store.changed', change);
    if (change.renamedFolders !== undefined || change.goneFolders !== undefined) void outsideFolders.follow();
  });
  if (settings.problem !== null) {
    notices.put({ id: 'settings', level: 'warning', text: settings.problem, action: 'open-settings' });
  }
  // Before anything is filed under the old name of a folder that was renamed while nothing ran.
  const [{ mailFolderProblem }] = await Promise.all([store.state(), outsideFolders.follow()]);
  if (mailFolderProblem !== null) {
    notices.put({ id: 'mail-folder', level: 'error', text: mailFolderProblem, action: 'open-mail-folder' });
  }
  // Who once tried the practice mailbox finds its servers answering again, from the command as well.
  if (existsSync(join(profileDir, 'practice.json'))) {
    await practice.start().catch((error: unknown) => log.error('The practice servers did not start.', error));
  }

  return {
    attach: (transport) => server.attach(transport),
    attachPage: (transport) => pages.attach(transport),
    handleBlob: createBlobHandler({ message, log }),
    async start() {
      await outgoing.outbox.startSchedule();
      rules.start();
      scanning.start();
      incoming.startSchedule();
      archive.startSchedule();
      backup.sweepPhotos().catch((error: unknown) => log.error('Old photos were not removed.', error));
    },
    loadTheRest,
    raise: createRaise({ message, emit }),
    ask: (command) => emit('window.raise', { command }),
    async close() {
      archive.close();
      await jobs.close();
      await Promise.all([incoming.close().then(scanning.close).then(rules.close), outgoing.close()]);
      await practice.close();
      await message.close();
      await outsideFolders.follow();
      await store.close();
    },
  };
}

async function loadTheRest(): Promise<void> {
  // Each loads its library when it is first called.
  registrableDomain('a.example');
  compilePattern('a');
  await Promise.all([
    import('./message/build-message.ts'),
    import('./outgoing/smtp-session.ts'),
    import('./practice/smtp-relay.ts'),
    import('./backup/export-mailbox.ts'),
    import('./backup/import-mail.ts'),
    import('./backup/sources/count.ts'),
    import('./backup/sources/look.ts'),
    import('./backup/archive/create-backup.ts'),
    import('./backup/archive/inspect-backup.ts'),
    import('./backup/archive/restore-backup.ts'),
    import('./backup/archive/verify-backup.ts'),
    import('./backup/archive/salvage/restore-intact.ts'),
    import('./backup/contacts/export-contacts.ts'),
  ]);
}
