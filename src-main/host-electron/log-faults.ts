import { app, type Details } from 'electron';
import type { Log } from '../core/ports.ts';

/**
 * Writes down what nobody expected: an error nobody caught, for which Electron would show a box of program text, and a
 * process of Electron's own (for drawing, for the network) that ended; Electron starts those anew. The answer ends it.
 */
export function logFaults(log: Log): () => void {
  const onFault = (error: unknown): void => log.error('Something failed that nobody expected.', error);
  const onProcessGone = (_event: unknown, { type, reason, name }: Details): void => {
    if (reason !== 'clean-exit' && reason !== 'killed')
      log.warn('A process of Electron’s ended.', { type, reason, name });
  };
  process.on('uncaughtException', onFault);
  process.on('unhandledRejection', onFault);
  app.on('child-process-gone', onProcessGone);
  return () => {
    process.off('uncaughtException', onFault);
    process.off('unhandledRejection', onFault);
    app.off('child-process-gone', onProcessGone);
  };
}
