import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Scanners of a test's own: real programs, in a folder that is removed with them. */
export interface Scripts {
  readonly folder: string;
  /** Writes a shell script and answers its path. */
  add(name: string, lines: string): Promise<string>;
  dispose(): Promise<void>;
}

export async function openScripts(): Promise<Scripts> {
  const folder = await mkdtemp(join(tmpdir(), 'postrider-scanners-'));
  return {
    folder,
    async add(name, lines) {
      const path = join(folder, name);
      await writeFile(path, `#!/bin/sh\n${lines}\n`);
      await chmod(path, 0o755);
      return path;
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

/** As clamscan speaks: 0 clean, 1 and a line when the message holds the word or the EICAR file, 2 for trouble. */
export const likeClamscan = `
if [ "$1" = - ]; then text=$(cat); name=stdin; else name=$1; text=$(cat "$1") || exit 2; fi
case "$text" in
  *TROUBLE*) echo "ERROR: Can't access database" >&2; exit 2;;
  *infected*|*RUlDQVI*|*WDVPIVAl*) echo "$name: Eicar-Test-Signature FOUND"; exit 1;;
esac
echo "$name: OK"`;
