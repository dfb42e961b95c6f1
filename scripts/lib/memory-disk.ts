import { accessSync, constants, statfsSync } from 'node:fs';

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
    return bavail * bsize >= room && available >= room + memory ? folder : null;
  } catch {
    return null;
  }
}

/** Lets this program and those it starts keep their temporary files on the memory disk, where there is one. */
export function moveToMemoryDisk(): void {
  const folder = memoryDisk();
  if (folder !== null) process.env.TMPDIR = folder;
}
