import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Settings } from '#shared/mail/settings.ts';
import { nodeSpawn } from '../../../host-node/child-process.ts';
import { systemClock } from '../../../host-node/system-clock.ts';
import type { Clock, Spawn } from '../../ports.ts';
import type { MessageService } from '../../services.ts';
import { testResources } from '../../testing/workers.ts';
import { createMessageService } from '../message-service.ts';
import { type HeldMessages, holdMessages } from './held-messages.ts';

export interface MessageRoom {
  readonly service: MessageService;
  readonly messages: HeldMessages;
  readonly profileDir: string;
  setSettings(settings: Partial<Settings>): void;
  dispose(): Promise<void>;
}

const quietLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The room with its real child process, over messages in memory and a profile of its own. */
export async function openMessageRoom(
  options: { spawn?: Spawn; childEntry?: URL; clock?: Clock } = {},
): Promise<MessageRoom> {
  const profileDir = await mkdtemp(join(tmpdir(), 'postrider-message-'));
  const messages = holdMessages();
  let settings = withSettings({});
  const service = createMessageService({
    profileDir,
    store: messages,
    settings: { current: () => settings },
    spawn: options.spawn ?? nodeSpawn,
    resources: { ...testResources, worker: (name) => options.childEntry ?? testResources.worker(name) },
    log: quietLog,
    clock: options.clock ?? systemClock,
  });
  return {
    service,
    messages,
    profileDir,
    setSettings: (changed) => {
      settings = withSettings(changed);
    },
    async dispose() {
      await service.close();
      await rm(profileDir, { recursive: true, force: true });
    },
  };
}

export function withSettings(changed: Partial<Settings>): Settings {
  const nothing = {
    version: 1,
    accounts: [],
    identities: [],
    servers: [],
    contacts: [],
    locations: [],
    preferences: {},
  };
  return { ...Settings.parse(nothing), ...changed };
}
