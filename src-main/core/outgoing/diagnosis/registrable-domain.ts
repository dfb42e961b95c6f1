import { getDomain } from 'tldts';

/**
 * The part of a host name that somebody registered (`mx1.example.co.uk` -> `example.co.uk`), lower case; null where the name
 * tells nothing: an address literal, a single label (`localhost`, `mail`), words that are no name at all.
 */
export function registrableDomain(name: string): string | null {
  const domain = getDomain(name.replace(/\.$/, '').toLowerCase());
  if (domain === null || !/\.[a-z][a-z0-9-]*$/.test(domain)) return null;
  // What a machine calls itself that was never given a name.
  return domain.endsWith('.localdomain') || domain.endsWith('.localhost') ? null : domain;
}

/** RFC 5321 §4.2: a greeting and a reply to EHLO begin with the server's name. */
export function nameIn(words: string): string {
  return words.trim().split(/\s/, 1)[0] ?? '';
}
