import { expect, test, vi } from 'vitest';
import { logFaults } from './log-faults.ts';
import { app } from './testing/electron-double.ts';

vi.mock('electron', () => import('./testing/electron-double.ts'));

test('writes down what nobody expected, and goes on', () => {
  const lines: string[] = [];
  const stop = logFaults({
    info: () => undefined,
    warn: (text) => void lines.push(text),
    error: (text) => void lines.push(text),
  });
  app.emit('child-process-gone', {}, { type: 'GPU', reason: 'crashed', name: 'GPU' });
  app.emit('child-process-gone', {}, { type: 'Utility', reason: 'killed', name: 'Postrider reader' });
  process.emit('unhandledRejection', new Error('odd'), Promise.resolve());
  stop();
  app.emit('child-process-gone', {}, { type: 'GPU', reason: 'crashed', name: 'GPU' });
  expect(lines).toEqual(['A process of Electron’s ended.', 'Something failed that nobody expected.']);
});
