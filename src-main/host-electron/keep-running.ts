import type { Api } from '#shared/rpc/client.ts';
import type { AppTray, TrayState } from './tray.ts';

/** Postrider without a window: as long as the user wants that, it shows itself in the notification area. */
export interface KeepRunning {
  /** The last window may close without ending the app. */
  readonly isWanted: boolean;
  close(): void;
}

/** Screens are told of every change of the Outbox; the icon needs only so many words. */
const quietMs = 1000;

/** Follows the preference and the Outbox. `open` makes the icon. */
export function keepRunning(api: Api, open: () => AppTray, onProblem: (error: unknown) => void): KeepRunning {
  const waiting = new Set<string>();
  /** What was told while the first answers were on their way is newer than they are. */
  let toldOf: Set<string> | null = new Set();
  let isTold = false;
  let isWanted = false;
  let isPaused = false;
  let isClosed = false;
  let tray: AppTray | undefined;
  let timer: NodeJS.Timeout | undefined;

  function show(): void {
    timer = undefined;
    const state: TrayState = { waiting: waiting.size, isPaused };
    tray?.show(state);
  }

  function showSoon(): void {
    if (tray !== undefined) timer ??= setTimeout(show, quietMs);
  }

  function follow(preferences: { keepRunning: boolean; sendingPaused: boolean }): void {
    if (isClosed) return;
    isWanted = preferences.keepRunning;
    isPaused = preferences.sendingPaused;
    if (isWanted) {
      tray ??= open();
      show();
    } else closeTray();
  }

  function closeTray(): void {
    clearTimeout(timer);
    timer = undefined;
    tray?.close();
    tray = undefined;
  }

  const stops = [
    api.on('settings.changed', ({ preferences }) => {
      isTold = true;
      follow(preferences);
    }),
    api.on('outbox.changed', ({ outboxId, state }) => {
      toldOf?.add(outboxId);
      if (state === 'sent' || state === 'failed') waiting.delete(outboxId);
      else waiting.add(outboxId);
      showSoon();
    }),
    api.on('outbox.removed', ({ outboxId }) => {
      toldOf?.add(outboxId);
      waiting.delete(outboxId);
      showSoon();
    }),
  ];
  const begin = async (): Promise<void> => {
    const [{ preferences }, items] = await Promise.all([
      api.call('settings.get', {}),
      api.call('outbox.list', { light: true }),
    ]);
    for (const { outboxId, state } of items)
      if (toldOf?.has(outboxId) !== true && state !== 'sent' && state !== 'failed') waiting.add(outboxId);
    toldOf = null;
    if (isTold) showSoon();
    else follow(preferences);
  };
  begin().catch(onProblem);

  return {
    get isWanted() {
      return isWanted;
    },
    close() {
      isClosed = true;
      for (const stop of stops) stop();
      closeTray();
    },
  };
}
