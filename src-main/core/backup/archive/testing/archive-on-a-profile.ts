import { mkdirSync } from 'node:fs';
import type { BackupReport, Job } from '#shared/job.ts';
import type { Secret } from '#shared/mail/endpoint.ts';
import type { MailErrorData } from '#shared/mail-error.ts';
import { methods, type Params } from '#shared/rpc/contract.ts';
import { systemClock } from '../../../../host-node/system-clock.ts';
import { createJobRunner } from '../../../jobs/job-runner.ts';
import type { Clock, Secrets } from '../../../ports.ts';
import type { OutboxService, SettingsService } from '../../../services.ts';
import { createSettings } from '../../../settings/settings.ts';
import type { Store } from '../../../store/store-api.ts';
import { makeHome } from '../../../store/testing/store-fixture.ts';
import { type Archive, createArchive } from '../archive.ts';

const log = { info() {}, warn() {}, error: (message: string, error: unknown) => console.error(message, error) };

/** A profile with a store, settings and the archive on them, without the rest of the core. */
export interface ArchiveOnAProfile {
  readonly profileDir: string;
  readonly mailFolder: string;
  readonly store: Store;
  readonly settings: SettingsService;
  readonly archive: Archive;
  readonly reminders: (string | null)[];
  create(params: Params<'backup.create'>): Promise<BackupReport>;
  verify(file: string): Promise<BackupReport>;
  restore(params: Params<'backup.restore'>): Promise<BackupReport>;
  begin(
    method: 'create' | 'restore',
    params: object,
  ): Promise<{ job: () => Job; cancel: () => void; ended: Promise<Job> }>;
  close(): Promise<void>;
  remove(): Promise<void>;
}

/** A job that failed, as an error with its code. */
export class Failed extends Error {
  readonly code: string;
  constructor(error: MailErrorData) {
    super(error.message);
    this.code = error.code;
  }
}

export async function archiveOnAProfile(options: { clock?: Clock; home?: string } = {}): Promise<ArchiveOnAProfile> {
  const home = makeHome(options.home);
  const clock = options.clock ?? systemClock;
  const kept = new Map<string, Secret>();
  const secrets: Secrets = {
    keptIn: 'the memory of this test',
    get: async (name) => kept.get(name),
    set: async (name, secret) => void kept.set(name, secret),
    remove: async (name) => void kept.delete(name),
    has: async (name) => kept.has(name),
  };
  mkdirSync(home.profileDir, { recursive: true });
  const store = await home.open();
  const { profileDir, mailFolder } = home;
  const settings = await createSettings({ profileDir, secrets, log, clock, emit: () => undefined });
  const jobs = createJobRunner(systemClock, log);
  const outbox: Pick<OutboxService, 'takeUpRestored'> = { takeUpRestored: async () => undefined };
  const reminders: (string | null)[] = [];
  const archive = createArchive({
    profileDir,
    mailFolder,
    clock,
    log,
    secrets,
    store,
    settings,
    jobs,
    outbox,
    appVersion: '0.0.0-test',
    remind: (text) => void reminders.push(text),
  });
  const ended = async (jobId: Job['jobId']): Promise<BackupReport> => {
    const { state } = await jobs.finished(jobId);
    if (state.kind === 'succeeded' && state.summary.kind === 'backup') return state.summary;
    if (state.kind === 'failed') throw new Failed(state.error);
    throw new Error(JSON.stringify(state));
  };
  return {
    profileDir,
    mailFolder,
    store,
    settings,
    archive,
    reminders,
    create: async (params) => ended((await archive.handlers['backup.create'](params)).jobId),
    verify: async (file) => ended((await archive.handlers['backup.verify']({ file })).jobId),
    restore: async (params) =>
      ended((await archive.handlers['backup.restore'](methods['backup.restore'].params.parse(params))).jobId),
    async begin(method, params) {
      const { jobId } =
        method === 'create'
          ? await archive.handlers['backup.create'](methods['backup.create'].params.parse(params))
          : await archive.handlers['backup.restore'](methods['backup.restore'].params.parse(params));
      return {
        job: () => jobs.list().find((job) => job.jobId === jobId) ?? fail(),
        cancel: () => jobs.cancel(jobId),
        ended: jobs.finished(jobId),
      };
    },
    async close() {
      archive.close();
      await jobs.close();
      await store.close();
    },
    async remove() {
      archive.close();
      await jobs.close();
      await store.close();
      home.remove();
    },
  };
}

function fail(): never {
  throw new Error('The job is not there.');
}
