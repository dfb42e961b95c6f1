import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../../../shared/corpus/messages/', import.meta.url));

/** Messages nobody on the team wrote; they lie beside the project, never in it. */
export const hasCorpus = existsSync(folder);

export function corpusMessages(): { name: string; bytes: Buffer }[] {
  if (!hasCorpus) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.eml'));
  return names.map((name) => ({ name, bytes: readFileSync(`${folder}${name}`) }));
}
