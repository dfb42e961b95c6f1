import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);

async function poolOf(env: Record<string, string>): Promise<{ threads: number; told: string | null }> {
  const program = `
    const { widenThreadPool } = await import(${JSON.stringify(new URL('./thread-pool.ts', import.meta.url).href)});
    const { readdirSync, readFileSync } = await import('node:fs');
    widenThreadPool();
    const names = readdirSync('/proc/self/task').map((task) => readFileSync('/proc/self/task/' + task + '/comm', 'utf8'));
    const threads = names.filter((name) => name.startsWith('libuv-worker')).length;
    console.log(JSON.stringify({ threads, told: process.env.UV_THREADPOOL_SIZE ?? null }));`;
  const { UV_THREADPOOL_SIZE: _none, ...rest } = process.env;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { env: { ...rest, ...env } });
  const answer: { threads: number; told: string | null } = JSON.parse(stdout);
  return answer;
}

test.skipIf(!existsSync('/proc/self/task'))(
  'the pool is wide, and programs started from here are not told',
  async () => {
    expect(await poolOf({})).toEqual({ threads: 16, told: null });
  },
);

test.skipIf(!existsSync('/proc/self/task'))('what the user set stands', async () => {
  expect((await poolOf({ UV_THREADPOOL_SIZE: '3' })).told).toBe('3');
});
