import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { hearEndSignals } from './end-signals.ts';

test('one wish told twice is one wish; whoever insists is heard', () => {
  const from = new EventEmitter();
  let at = 0;
  const heard: string[] = [];
  hearEndSignals(
    { onFirst: () => void heard.push('first'), onAgain: () => void heard.push('again') },
    { from, now: () => at },
  );
  from.emit('SIGTERM');
  at = 20;
  from.emit('SIGTERM');
  from.emit('SIGINT');
  expect(heard).toEqual(['first']);
  at = 1500;
  from.emit('SIGINT');
  expect(heard).toEqual(['first', 'again']);
});
