import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * What a start is asked to open, among the words of its command line: a `mailto:` address to write to, or a message file
 * to read, as its `file:` URL. `folder` is where the command was given.
 */
export function addressAmong(words: readonly string[], folder: string): string | undefined {
  const given = words.find((word) => /^(?:mailto|file):|\.eml$/i.test(word));
  if (given === undefined || /^(?:mailto|file):/i.test(given)) return given;
  return pathToFileURL(resolve(folder, given)).href;
}
