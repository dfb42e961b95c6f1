import { pathToFileURL } from 'node:url';
import { beforeEach, expect, test, vi } from 'vitest';
import { app, FakeUtilityProcess } from './testing/electron-double.ts';
import { childEnvironment, utilitySpawn } from './utility-spawn.ts';

vi.mock('electron', () => import('./testing/electron-double.ts'));

beforeEach(() => {
  FakeUtilityProcess.all.length = 0;
});

test('forks utility processes, with a limit and without our environment', () => {
  const child = utilitySpawn.fork(pathToFileURL('/app.asar/dist/workers/parse-child.js'), { memoryLimitMb: 256 });
  const fake = FakeUtilityProcess.all[0];
  expect(fake).toMatchObject({ modulePath: '/app.asar/dist/workers/parse-child.js' });
  expect(fake?.options).toMatchObject({ execArgv: ['--max-old-space-size=256'], stdio: 'ignore' });
  expect(fake?.options.env).toEqual(childEnvironment(process.env));
  const messages: unknown[] = [];
  const exits: unknown[] = [];
  child.onMessage((message) => messages.push(message));
  child.onExit((code) => exits.push(code));
  child.send({ a: 1 });
  fake?.emit('message', { b: 2 });
  child.kill();
  fake?.emit('exit', 15);
  child.send('too late');
  expect({ posted: fake?.posted, messages, exits, isKilled: fake?.isKilled }).toEqual({
    posted: [{ a: 1 }],
    messages: [{ b: 2 }],
    exits: [15],
    isKilled: true,
  });
});

test('a child gets what its system needs to start it, and never nothing: that would be all of ours', () => {
  expect(childEnvironment({})).toEqual({ POSTRIDER_READER: '1' });
  const ours = { SystemRoot: 'C:\\Windows', LD_LIBRARY_PATH: '/tmp/.mount/lib', POSTRIDER_SECRET: 's', PATH: '/bin' };
  expect(Object.keys(childEnvironment(ours))).toEqual(['POSTRIDER_READER', 'SystemRoot', 'LD_LIBRARY_PATH']);
});

test('a child that takes too much memory is killed, whatever it takes it with', async () => {
  const limits = { memoryLimitMb: 256 };
  for (let at = 0; at < 2; at++) utilitySpawn.fork(pathToFileURL('/dist/workers/parse-child.js'), limits);
  const [modest, greedy] = FakeUtilityProcess.all;
  if (modest === undefined || greedy === undefined) throw new Error('No child was made.');
  modest.pid = 1;
  greedy.pid = 2;
  app.metrics = [
    { pid: 1, memory: { workingSetSize: 500 * 1024 } },
    { pid: 2, memory: { workingSetSize: 600 * 1024 } },
  ];
  await vi.waitFor(() => expect(greedy.isKilled).toBe(true), 10_000);
  expect(modest.isKilled).toBe(false);
  for (const child of [modest, greedy]) child.emit('exit', 0);
});
