import type { OutboxId } from '#shared/ids.ts';
import type { FolderSummary } from '#shared/mail/folder.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import type { SettingsView } from '#shared/mail/settings.ts';
import type { Api } from '#shared/rpc/client.ts';
import type { AppInfo, StoreChange } from '#shared/rpc/contract.ts';
import type { Connection } from '../host/connection.ts';
import { setLanguage } from '../i18n/index.ts';
import { becomeWriter, forgetLists, readSnapshot, type Snapshot, writeList, writeSnapshot } from './cache.ts';
import { followRenames, leaveGone } from './follow-renames.ts';
import { followChange, refreshList, useMessages } from './messages.ts';
import {
  useAppInfo,
  useConditions,
  useConnection,
  useFolders,
  useJobs,
  useLocation,
  useNotices,
  useOutbox,
  useSettings,
} from './stores.ts';

const writeDelayMs = 800;
const refreshDelayMs = 120;
const outboxDelayMs = 50;

/** Keeps every store in step with the application, and the cache with the stores. The answer stops it. */
export function startSync(connection: Connection): () => void {
  const sync = new Sync(connection.api);
  becomeWriter();
  const stops = [
    ...sync.listen(),
    connection.watch((state) => {
      useConnection.setState({ state });
      if (state.kind === 'open') void sync.catchUp();
    }),
    useMessages.subscribe(() => sync.writeSoon()),
    useFolders.subscribe(() => sync.writeSoon()),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Paints what was in view last; the application's answers replace it. */
export async function paintFromCache(): Promise<Snapshot | null> {
  const snapshot = await readSnapshot();
  if (snapshot !== null && useAppInfo.getState().info === null) {
    useFolders.setState({ folders: snapshot.folders, isLoaded: true });
    position = { storeId: snapshot.storeId, revision: snapshot.revision };
  }
  return snapshot;
}

/** Which store, and up to which commit the stores show it. */
let position: { storeId: string; revision: number } | null = null;

class Sync {
  readonly #api: Api;
  #catchingUp: Promise<void> | null = null;
  #writeTimer: ReturnType<typeof setTimeout> | undefined;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #outboxNews = new Map<OutboxId, OutboxItem | null>();
  #outboxTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api) {
    this.#api = api;
  }

  listen(): (() => void)[] {
    const api = this.#api;
    return [
      api.on('store.changed', (change) => this.#take(change)),
      api.on('job.changed', (job) => useJobs.setState(({ byId }) => ({ byId: { ...byId, [job.jobId]: job } }))),
      api.on('settings.changed', (settings) => takeSettings(settings)),
      api.on('outbox.changed', (item) => this.#takeOutbox(item.outboxId, item)),
      api.on('outbox.removed', ({ outboxId }) => this.#takeOutbox(outboxId, null)),
      api.on('server.conditionChanged', (condition) =>
        useConditions.setState(({ byServer }) => ({ byServer: { ...byServer, [condition.serverId]: condition } })),
      ),
      api.on('network.changed', (location) => useLocation.setState({ location })),
      api.on('notices.changed', (notices) => useNotices.setState({ notices })),
    ];
  }

  /** After a connection was made: what happened since, then everything that is small enough to ask for whole. */
  catchUp(): Promise<void> {
    this.#catchingUp ??= this.#catchUpOnce().finally(() => {
      this.#catchingUp = null;
    });
    return this.#catchingUp;
  }

  async #catchUpOnce(): Promise<void> {
    try {
      const info = await this.#api.call('app.info', {});
      useAppInfo.setState({ info });
      useNotices.setState({ notices: info.notices });
      await Promise.all([this.#followStore(info), this.#loadSmall()]);
    } catch {
      // The connection broke again: the next one catches up.
    }
  }

  async #followStore(info: AppInfo): Promise<void> {
    const folders = this.#api.call('folder.list', {});
    if (position !== null && position.storeId === info.storeId) {
      const answer = await this.#api.call('store.changesSince', position);
      if (answer.kind === 'changes') for (const change of answer.changes) this.#apply(change);
      else await this.#reset(answer.storeId, answer.revision);
    } else await this.#reset(info.storeId, info.revision);
    useFolders.setState({ folders: await folders, isLoaded: true });
  }

  async #reset(storeId: string, revision: number): Promise<void> {
    const isOther = position !== null && position.storeId !== storeId;
    position = { storeId, revision };
    if (isOther) await forgetLists(storeId);
    useMessages.setState((state) => ({ list: { ...state.list, revision: 0 } }));
    await refreshList(this.#api);
  }

  async #loadSmall(): Promise<void> {
    const api = this.#api;
    await Promise.allSettled([
      api.call('settings.get', {}).then(takeSettings),
      api
        .call('job.list', {})
        .then((jobs) => useJobs.setState({ byId: Object.fromEntries(jobs.map((job) => [job.jobId, job])) })),
      api.call('outbox.list', { light: true }).then((items) => {
        // What was told meanwhile is in the answer, or comes after it.
        this.#outboxNews.clear();
        useOutbox.setState({ byId: Object.fromEntries(items.map((item) => [item.outboxId, item])), isLoaded: true });
      }),
      api
        .call('server.conditions', {})
        .then((list) =>
          useConditions.setState({ byServer: Object.fromEntries(list.map((one) => [one.serverId, one])) }),
        ),
      api.call('network.location', {}).then((location) => useLocation.setState({ location })),
    ]);
  }

  /** Thousands may change within a second: the table is copied once for all that came in a breath. */
  #takeOutbox(outboxId: OutboxId, item: OutboxItem | null): void {
    this.#outboxNews.set(outboxId, item);
    this.#outboxTimer ??= setTimeout(() => {
      this.#outboxTimer = undefined;
      const news = [...this.#outboxNews];
      this.#outboxNews.clear();
      useOutbox.setState(({ byId }) => {
        const next = { ...byId };
        for (const [id, changed] of news) {
          if (changed === null) delete next[id];
          else next[id] = changed;
        }
        return { byId: next };
      });
    }, outboxDelayMs);
  }

  #take(change: StoreChange): void {
    // Before the first catch-up there is nothing to follow from; it brings this change along.
    if (position === null) return;
    if (change.storeId !== position.storeId || change.fromRevision > position.revision) void this.catchUp();
    else if (change.toRevision > position.revision) this.#apply(change);
  }

  #apply(change: StoreChange): void {
    position = { storeId: change.storeId, revision: change.toRevision };
    followRenames(change.renamedFolders ?? []);
    leaveGone(change.goneFolders ?? []);
    useFolders.setState(({ folders }) => ({ folders: mergeCounts(folders, change) }));
    if (followChange(change)) this.#refreshSoon();
  }

  /** Many commits may come in a row while mail is collected: one question after a breath is enough. */
  #refreshSoon(): void {
    this.#refreshTimer ??= setTimeout(() => {
      this.#refreshTimer = undefined;
      void refreshList(this.#api);
    }, refreshDelayMs);
  }

  writeSoon(): void {
    this.#writeTimer ??= setTimeout(() => {
      this.#writeTimer = undefined;
      const { list, status } = useMessages.getState();
      if (position === null || status.kind !== 'ready' || list.source.kind !== 'folder') return;
      void writeSnapshot({ ...position, folder: list.source.folder, folders: [...useFolders.getState().folders] });
      void writeList(list, position.storeId);
    }, writeDelayMs);
  }
}

function takeSettings(settings: SettingsView): void {
  useSettings.setState({ settings });
  setLanguage(settings.preferences.language);
}

function mergeCounts(
  before: readonly FolderSummary[],
  { folders: changed, goneFolders }: Pick<StoreChange, 'folders' | 'goneFolders'>,
): FolderSummary[] {
  const gone = new Set(goneFolders);
  const folders = before.filter(({ folder }) => !gone.has(folder));
  const counts = new Map(changed.map((summary) => [summary.folder, summary]));
  const merged = folders.map((summary) => counts.get(summary.folder) ?? summary);
  const known = new Set(folders.map((summary) => summary.folder));
  return [...merged, ...changed.filter((summary) => !known.has(summary.folder))];
}
