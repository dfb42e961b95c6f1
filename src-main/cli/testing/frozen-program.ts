import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A copy of the built program that no build in the meantime changes. */
export interface FrozenProgram {
  /** The command, for Node. */
  readonly command: string;
  readonly host: string;
  /** A folder that goes away with it. */
  readonly folder: string;
  /** For the processes: compiled code is kept beside the copy, so that each start costs less. */
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

const root = join(import.meta.dirname, '..', '..', '..');

/** Copies what `npm run build` made. */
export async function freezeProgram(): Promise<FrozenProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'postrider-frozen-'));
  for (const part of ['cli', 'workers', 'chunks', 'host-browser'])
    await cp(join(root, 'dist', part), join(folder, 'dist', part), { recursive: true });
  await cp(join(root, 'package.json'), join(folder, 'package.json'));
  for (const part of ['assets', 'node_modules']) await symlink(join(root, part), join(folder, part));
  return {
    command: join(folder, 'dist/cli/postrider.js'),
    host: join(folder, 'dist/host-browser/main.js'),
    folder,
    env: { NODE_COMPILE_CACHE: join(folder, 'compiled') },
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  };
}
