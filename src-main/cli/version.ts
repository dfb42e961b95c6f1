import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** The version of this Postrider, from the package.json it came with. */
export const version: string = z.object({ version: z.string() }).parse(readPackage()).version;

function readPackage(): unknown {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8'));
    if (folder === dirname(folder)) throw new Error('The program’s own folder was not found; install Postrider again.');
  }
}
