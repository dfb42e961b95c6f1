import { getDomain } from 'tldts';

/**
 * The part of a host name that somebody registered (`mx1.example.co.uk` -> `example.co.uk`), lower case; null where the name
 * tells nothing: an address literal, a single label (`localhost`, `mail`), words that are no name at all.
 */
export function registrableDomain(name: string): string | null {
  const plain = name.replace(/\.$/, '').toLowerCase();
  // The library would look for a host in an address of the web too.
  const domain = isName.test(plain) ? getDomain(plain) : null;
  if (domain === null) return null;
  // What a machine calls itself that was never given a name.
  return domain.endsWith('.localdomain') || domain.endsWith('.localhost') ? null : domain;
}

/** RFC 5321 §4.2: a greeting and a reply to EHLO begin with the server's name. */
export function nameIn(words: string): string {
  return words.trim().split(/\s/, 1)[0] ?? '';
}

/** Labels with a dot between them; the last one is no number. */
const isName = /^(?:[\p{L}\p{N}_-]+\.)+\p{L}[\p{L}\p{N}-]*$/u;
