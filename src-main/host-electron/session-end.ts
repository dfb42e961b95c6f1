import { app, powerMonitor } from 'electron';

/** Linux waits this long for who asked it to (`InhibitDelayMaxSec` of logind.conf is 5 s); after that it kills. */
const patienceMs = 4500;

/**
 * The end of the session: the computer is shut down, or the person logs out. Every system waits a moment for who asks
 * it to, so that a message in hand hears its answer, and is not *uncertain* at the next start.
 *
 * - Linux and macOS: `powerMonitor` “shutdown” (https://www.electronjs.org/docs/latest/api/power-monitor#event-shutdown-linux-macos).
 * - Windows: asked of windows alone. Saying no shows a screen naming who keeps the computer on, so that is done only for
 *   a message in hand, and never for a “critical” end; the system goes on by itself once we are gone.
 *
 * `end` is to let go of everything. It is called once, and the app is gone `patienceMs` later at the latest: whatever is
 * cut off then is safe, as it is at any moment.
 */
export function heedSessionEnd(options: { isSending: () => boolean; end: () => Promise<void> }): void {
  let isEnding = false;
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    const leave = (): void => app.exit(0);
    setTimeout(leave, patienceMs).unref();
    options.end().then(leave, leave);
  };
  // Typed as a listener of nothing; the documentation gives it an event.
  powerMonitor.on('shutdown', (event?: unknown) => {
    prevent(event);
    end();
  });
  app.on('browser-window-created', (_event, window) => {
    window.on('query-session-end', (event) => {
      if (event.reasons.includes('critical') || !options.isSending()) return;
      event.preventDefault();
      end();
    });
    window.on('session-end', end);
  });
}

function prevent(event: unknown): void {
  if (typeof event !== 'object' || event === null || !('preventDefault' in event)) return;
  if (typeof event.preventDefault === 'function') event.preventDefault();
}
