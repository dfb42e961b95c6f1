import { create } from 'zustand';
import type { JobId, OutboxId, ServerId } from '#shared/ids.ts';
import type { Job } from '#shared/job.ts';
import type { FolderSummary } from '#shared/mail/folder.ts';
import type { NetworkLocation, OutboxItem, ServerCondition } from '#shared/mail/outbox.ts';
import type { SettingsView } from '#shared/mail/settings.ts';
import type { AppInfo, Notice } from '#shared/rpc/contract.ts';
import type { ConnectionState } from '../host/host.ts';

/**
 * What the screens show, read-only: only `sync.ts` writes here. Select narrowly:
 * `useOutbox((s) => s.byId[outboxId])`.
 */

export const useConnection = create<{ state: ConnectionState }>()(() => ({ state: { kind: 'connecting' } }));

/** Null until the application answered. */
export const useAppInfo = create<{ info: AppInfo | null }>()(() => ({ info: null }));

export const useFolders = create<{ folders: readonly FolderSummary[]; isLoaded: boolean }>()(() => ({
  folders: [],
  isLoaded: false,
}));

/** Null until loaded. */
export const useSettings = create<{ settings: SettingsView | null }>()(() => ({ settings: null }));

export const useJobs = create<{ byId: Readonly<Record<JobId, Job>> }>()(() => ({ byId: {} }));

export const useOutbox = create<{ byId: Readonly<Record<OutboxId, OutboxItem>>; isLoaded: boolean }>()(() => ({
  byId: {},
  isLoaded: false,
}));

export const useNotices = create<{ notices: readonly Notice[] }>()(() => ({ notices: [] }));

export const useConditions = create<{ byServer: Readonly<Record<ServerId, ServerCondition>> }>()(() => ({
  byServer: {},
}));

export const useLocation = create<{ location: NetworkLocation | null }>()(() => ({ location: null }));
