import { existsSync } from 'node:fs';
import { run } from './run.ts';

/** Whether this process may install Debian packages. */
export function mayInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
}

/**
 * Installs Debian packages, asking nothing and starting no service; answers whether it worked. apt speaks on standard
 * error, where it does not mix with what we print.
 */
export async function aptInstall(packages: readonly string[]): Promise<boolean> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const update = await run('apt-get', ['update', '-qq'], { env, output: 'stderr' });
  if (update.code !== 0) return false;
  const withoutServices = await forbidServices();
  try {
    const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
    return (await run('apt-get', args, { env, output: 'stderr' })).code === 0;
  } finally {
    await withoutServices();
  }
}

/** Debian asks `policy-rc.d` before it starts the service of a package; 101 means no. */
async function forbidServices(): Promise<() => Promise<void>> {
  const { chmod, rm, writeFile } = await import('node:fs/promises');
  const policy = '/usr/sbin/policy-rc.d';
  if (existsSync(policy)) return async () => undefined;
  await writeFile(policy, '#!/bin/sh\nexit 101\n');
  await chmod(policy, 0o755);
  return () => rm(policy, { force: true });
}
