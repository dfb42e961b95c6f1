import { accessSync, constants, readFileSync, statfsSync } from 'node:fs';

const gib = 1024 ** 3;
/** All tests together stay far below it. */
const roomOctets = 2 * gib;
/** What has to be free besides: browsers, servers, Node. */
const memoryOctets = 3 * gib;

/**
 * The folder of the system's memory disk, for what tests write: a sync costs nothing there, and most of a test's time
 * went into waiting for syncs. Null where there is none or it is too small (a container's has 64 MB); a `TMPDIR` that
 * is set decides by itself.
 */
export function memoryDisk(
  folder = '/dev/shm',
  {
    set = process.env.TMPDIR ?? '',
    available = process.availableMemory(),
    room = roomOctets,
    memory = memoryOctets,
  } = {},
): string | null {
  if (set !== '') return null;
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(folder);
    const hasRoom = bavail * bsize >= room && available >= room + memory;
    return hasRoom && runsPrograms(folder) ? folder : null;
  } catch {
    return null;
  }
}

/** Some tests start programs they wrote: a container's memory disk may be mounted so that none starts. */
function runsPrograms(folder: string): boolean {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  const options = mounts.map((line) => line.split(' ')).findLast(([, at]) => at === folder)?.[3] ?? '';
  return !options.split(',').includes('noexec');
}

/** Lets this program and those it starts keep their temporary files on the memory disk, where there is one. */
export function moveToMemoryDisk(): void {
  const folder = memoryDisk();
  if (folder !== null) process.env.TMPDIR = folder;
}
