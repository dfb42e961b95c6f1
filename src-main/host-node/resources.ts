import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Resources } from '../core/ports.ts';

/** What comes with the program, for a host: also the built screens and the preload. */
export interface ProgramFiles extends Resources {
  /** The folder of `index.html`. */
  readonly rendererDir: string;
  /** Absolute path of the preload bundle. */
  readonly preload: string;
}

/**
 * Finds the program's files from where this code runs: its sources (`.ts`, run by type stripping) use the sources of
 * the workers, a bundle under `dist/` uses the bundles beside it; an asar looks the same.
 */
export function createResources(here: string = import.meta.url): ProgramFiles {
  const isSource = here.endsWith('.ts');
  const root = findRoot(dirname(fileURLToPath(here)));
  return {
    worker(name) {
      const path = isSource ? `src-main/core/workers/${name}.ts` : `dist/workers/${name}.js`;
      return pathToFileURL(join(root, path));
    },
    asset: (name) => join(root, 'assets', name),
    rendererDir: join(root, 'dist', 'renderer'),
    preload: join(root, 'dist', 'host-electron', 'preload.cjs'),
  };
}

function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error('The program’s own folder was not found; install Postrider again.');
  }
}
