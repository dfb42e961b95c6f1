import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { systemCodeOf, toDiskError } from '#shared/disk-error.ts';
import { replaceDurably } from '../../durable.ts';

/** A face is well recognised in a tenth of that; cameras make pictures fifty times as large. */
export const mostPhotoOctets = 300_000;

/** One picture: what it is, and its octets. */
export interface Photo {
  readonly type: PhotoType;
  readonly octets: Buffer;
}

export type PhotoType = 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';

const beginnings: readonly (readonly [PhotoType, RegExp])[] = [
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[\s\S]{4}WEBP/],
];

/** By its first octets, whatever it is said to be; null: no picture that is shown here. */
export function photoTypeOf(octets: Uint8Array): PhotoType | null {
  const head = Buffer.from(octets.subarray(0, 16)).toString('latin1');
  return beginnings.find(([, pattern]) => pattern.test(head))?.[0] ?? null;
}

export function photoName(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}

/** Pictures lie beside the settings, each in a file named by the SHA-256 of its octets, which entries of people name. */
export interface PhotoFolder {
  /** Durable when it resolves. */
  keep(octets: Uint8Array): Promise<void>;
  /** Null: it is not there, or not what it was. */
  read(name: string): Promise<Photo | null>;
  /** Removes pictures nobody of these has, but for those kept since `before` (epoch ms). */
  sweep(people: readonly { readonly photo?: string }[], before: number): Promise<void>;
}

export function photosIn(profileDir: string): PhotoFolder {
  const folder = join(profileDir, 'photos');
  return {
    async keep(octets) {
      const path = join(folder, photoName(octets));
      const unfinished = join(folder, `${randomUUID()}.unfinished`);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await replaceDurably(path, unfinished, octets);
      } catch (error) {
        throw toDiskError(error, 'keep a photo');
      }
    },
    async read(name) {
      if (!/^[0-9a-f]{64}$/.test(name)) return null;
      const octets = await readFile(join(folder, name)).catch((error: unknown) => {
        if (systemCodeOf(error) === 'ENOENT') return null;
        throw toDiskError(error, 'read a photo');
      });
      const type = octets === null ? null : photoTypeOf(octets);
      return octets === null || type === null || photoName(octets) !== name ? null : { type, octets };
    },
    async sweep(people, before) {
      const named = new Set(people.flatMap(({ photo }) => photo ?? []));
      for (const name of await readdir(folder).catch(() => [])) {
        if (named.has(name) || !/^[0-9a-f]{64}$|\.unfinished$/.test(name)) continue;
        const path = join(folder, name);
        const kept = await stat(path).catch(() => null);
        if (kept !== null && kept.mtimeMs < before) await rm(path, { force: true });
      }
    },
  };
}

/** The pictures that entries name, as far as they are there. */
export async function readPhotos(
  entries: readonly { readonly photo?: string }[],
  profileDir: string,
): Promise<Map<string, Buffer>> {
  const folder = photosIn(profileDir);
  const photos = new Map<string, Buffer>();
  for (const name of new Set(entries.flatMap(({ photo }) => photo ?? []))) {
    const found = await folder.read(name);
    if (found !== null) photos.set(name, found.octets);
  }
  return photos;
}

const InBackup = z.looseObject({ photos: z.record(z.string(), z.string()).optional() });

/** What a backup's settings carry beside themselves: each picture that is right, as octets. */
export function photosOfBackup(json: unknown): Buffer[] {
  const parsed = InBackup.safeParse(json);
  return Object.entries(parsed.data?.photos ?? {}).flatMap(([name, base64]) => {
    const octets = Buffer.from(base64, 'base64');
    const isRight = octets.length <= mostPhotoOctets && photoName(octets) === name && photoTypeOf(octets) !== null;
    return isRight ? [octets] : [];
  });
}
