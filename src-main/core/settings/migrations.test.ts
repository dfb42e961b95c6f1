import { expect, test } from 'vitest';
import { migrate } from './migrations.ts';

test('steps are taken in order, each raising the version', () => {
  const steps = {
    1: (old: Record<string, unknown>) => ({ ...old, one: true }),
    2: (old: Record<string, unknown>) => ({ ...old, two: old.one }),
  };
  expect(migrate({ version: 1, kept: 'x' }, 1, steps, 3)).toEqual({ version: 3, kept: 'x', one: true, two: true });
  expect(migrate({ version: 3 }, 3, steps, 3)).toEqual({ version: 3 });
});

test('a version without a step has no way forward', () => {
  expect(migrate({ version: 1 }, 1, {}, 2)).toBeNull();
});
