import { firstMozillaTags, type MozillaTag } from './mozilla-tags.ts';

/** The settings of a Thunderbird profile, by name. */
export type MozillaPrefs = ReadonlyMap<string, string | number | boolean>;

const prefLine = /^\s*(?:user_pref|pref)\(\s*"((?:[^"\\]|\\.)*)"\s*,\s*("(?:[^"\\]|\\.)*"|-?\d+|true|false)\s*\)\s*;/;

/** Reads `prefs.js`. It is a list of calls, and only that is taken from it: nothing in it is run. */
export function parsePrefs(text: string): MozillaPrefs {
  const prefs = new Map<string, string | number | boolean>();
  for (const line of text.split(/\r?\n/)) {
    const [, name, value] = prefLine.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    if (value.startsWith('"')) prefs.set(unescaped(name), unescaped(value.slice(1, -1)));
    else prefs.set(unescaped(name), value === 'true' || (value !== 'false' && Number(value)));
  }
  return prefs;
}

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/g, (_whole, wide, narrow, other) => {
    const hex: unknown = wide ?? narrow;
    if (typeof hex === 'string') return String.fromCharCode(Number.parseInt(hex, 16));
    return other === 'n' ? '\n' : other === 'r' ? '\r' : other === 't' ? '\t' : String(other);
  });
}

export function textPref(prefs: MozillaPrefs, name: string): string {
  const value = prefs.get(name);
  return typeof value === 'string' ? value : '';
}

export function numberPref(prefs: MozillaPrefs, name: string): number | undefined {
  const value = prefs.get(name);
  return typeof value === 'number' ? value : undefined;
}

export function listPref(prefs: MozillaPrefs, name: string): string[] {
  return textPref(prefs, name)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** The user's tags by keyword, the ones every profile begins with among them. */
export function tagsOf(prefs: MozillaPrefs): Map<string, MozillaTag> {
  const tags = new Map<string, MozillaTag>(firstMozillaTags);
  for (const [name, value] of prefs) {
    const [, key, what] = /^mailnews\.tags\.(.+)\.(tag|color)$/.exec(name) ?? [];
    if (key === undefined || typeof value !== 'string' || value === '') continue;
    const before = tags.get(key) ?? { name: key, colour: undefined };
    if (what === 'tag') tags.set(key, { ...before, name: value.slice(0, 200) });
    else if (/^#[0-9a-f]{6}$/i.test(value)) tags.set(key, { ...before, colour: value.toUpperCase() });
  }
  return tags;
}
