import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { hasCode } from './private-file.ts';

/** One of the page's own files. */
export interface PageFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** Its name holds a hash of its content, so that it may be kept for ever. */
  readonly isImmutable: boolean;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wav': 'audio/wav',
  '.mp3': 'audio/mpeg',
};

/**
 * Reads a file of the built screens for a URL's path (`/` is the page); null when there is none. Nothing outside of
 * `root` is ever read: no dots, no separators in disguise, no link that leads out, no type that is not ours.
 */
export async function readPageFile(root: string, pathname: string): Promise<PageFile | null> {
  const segments = safeSegments(pathname === '/' ? '/index.html' : pathname);
  if (segments === null) return null;
  const contentType = contentTypes[extname(segments.at(-1) ?? '')];
  if (contentType === undefined) return null;
  try {
    const inside = await realpath(root);
    const path = await realpath(join(inside, ...segments));
    if (!path.startsWith(inside + sep) || !(await stat(path)).isFile()) return null;
    return { bytes: await readFile(path), contentType, isImmutable: segments[0] === 'assets' };
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'ELOOP')) return null;
    throw error;
  }
}

function safeSegments(pathname: string): string[] | null {
  const decoded = decode(pathname);
  if (decoded === null || !decoded.startsWith('/')) return null;
  const segments = decoded.slice(1).split('/');
  // A leading letter, digit, dash or underscore rules out `.`, `..`, hidden files and empty segments at once.
  return segments.every((segment) => /^[\w-][\w.-]*$/.test(segment)) ? segments : null;
}

function decode(pathname: string): string | null {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return null;
  }
}
