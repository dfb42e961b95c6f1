import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Dovecot 2.3 is installed, and we may run it as somebody else: it serves no mail to root. */
export const canRunDoveadm =
  process.getuid?.() === 0 && (spawnSync('dovecot', ['--version']).stdout?.toString().startsWith('2.3') ?? false);

/** Runs doveadm on a Mail folder as `nobody`, who owns all below `path` from then on. Throws what it complains of. */
export function doveadm({ path, mailFolder }: { path: string; mailFolder: string }, ...args: string[]): string {
  const config = join(path, 'dovecot.conf');
  writeFileSync(
    config,
    `base_dir = ${path}/run\nlog_path = ${path}/log\nmail_location = maildir:${mailFolder}\nmail_home = ${path}
mail_uid = nobody\nmail_gid = nogroup\nfirst_valid_uid = 1\nfirst_valid_gid = 0\nnamespace inbox {\n inbox = yes\n separator = /\n}\n`,
  );
  chmodSync(path, 0o755);
  spawnSync('chown', ['-R', 'nobody:nogroup', path]);
  const env = { ...process.env, HOME: path, USER: 'nobody' };
  const run = spawnSync('doveadm', ['-c', config, ...args], { encoding: 'utf8', env, timeout: 60_000 });
  if (run.stderr !== '') throw new Error(run.stderr);
  return run.stdout;
}
