import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endProcess, type Namespace, untilSaid } from './namespaces.ts';

/** A name server (dnsmasq) inside a namespace, on every address it has. */
export interface NameServer {
  /** From now on it answers by these lines of dnsmasq's configuration; null: nobody answers. */
  answerBy(lines: readonly string[] | null): Promise<void>;
  stop(): Promise<void>;
}

export async function startNameServer(namespace: Namespace, lines: readonly string[]): Promise<NameServer> {
  const folder = await mkdtemp(join(tmpdir(), 'postrider-names-'));
  const config = join(folder, 'dnsmasq.conf');
  let child: ChildProcess | undefined;

  async function start(answers: readonly string[]): Promise<void> {
    // It knows nobody to ask: what is not in its configuration does not exist.
    const fixed = ['no-resolv', 'no-hosts', 'user=root', 'pid-file', 'local=/#/', 'cache-size=0', 'log-facility=-'];
    await writeFile(config, `${[...fixed, ...answers].join('\n')}\n`);
    child = namespace.start('sh', '-c', `exec dnsmasq --keep-in-foreground --conf-file=${config} 2>&1`);
    await untilSaid(child, /started, version/);
  }

  async function end(): Promise<void> {
    if (child !== undefined) await endProcess(child);
    child = undefined;
  }

  await start(lines);
  return {
    async answerBy(answers) {
      await end();
      if (answers !== null) await start(answers);
    },
    async stop() {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
