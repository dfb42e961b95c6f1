const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?:\.|$)/i;
/** Controls, what no system takes in a name, and what turns the writing direction or hides. */
const unsafe = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}<>:"/\\|?*]+/gu;

/** Text as one safe part of a path: nothing hidden, no separator, no reserved name, at most `maxOctets` of UTF-8. */
export function safeName(text: string, maxOctets = 120, otherwise = 'untitled'): string {
  const plain = text
    .toWellFormed()
    .normalize('NFC')
    .replace(unsafe, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[. ~-]+/, '');
  const name = cutToOctets(plain, maxOctets).replace(/[. ]+$/, '');
  if (name === '') return otherwise;
  return reserved.test(name) ? `_${name}` : name;
}

function cutToOctets(text: string, maxOctets: number): string {
  let octets = 0;
  let cut = '';
  for (const character of text) {
    octets += Buffer.byteLength(character);
    if (octets > maxOctets) break;
    cut += character;
  }
  return cut;
}

/** Hands out names that differ even where case and accents' composition do not count: `a.eml`, `a (2).eml`. */
export class NameGiver {
  readonly #taken = new Map<string, number>();

  give(name: string, suffix = ''): string {
    for (let n = (this.#taken.get(fold(name + suffix)) ?? 0) + 1; ; n++) {
      const candidate = n === 1 ? name + suffix : `${name} (${n})${suffix}`;
      const key = fold(candidate);
      if (n > 1 && this.#taken.has(key)) continue;
      this.#taken.set(fold(name + suffix), n);
      this.#taken.set(key, Math.max(this.#taken.get(key) ?? 0, 1));
      return candidate;
    }
  }
}

function fold(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/** `2026-11-21 2039 alice@example.org Subject`: sorts by date, says what it is. */
export function messageFileName(message: { date: Date; from: string; subject: string }): string {
  const iso = Number.isNaN(message.date.getTime()) ? '0000-00-00T00:00' : message.date.toISOString();
  const stamp = `${iso.slice(0, 10)} ${iso.slice(11, 13)}${iso.slice(14, 16)}`;
  const from = message.from === '' ? '' : ` ${safeName(message.from, 60, '')}`;
  return `${stamp}${from} ${safeName(message.subject, 100, 'no subject')}`;
}

/** A folder's path as safe path segments, the same folder always the same, no two folders alike. */
export class FolderNames {
  readonly #bySegments = new Map<string, { name: string; children: NameGiver }>();
  readonly #top = new NameGiver();

  segments(folder: string): string[] {
    const names: string[] = [];
    let key = '';
    let giver = this.#top;
    for (const segment of folder.split('/')) {
      key += `/${segment}`;
      const known = this.#bySegments.get(key) ?? {
        name: giver.give(safeFolderName(segment)),
        children: new NameGiver(),
      };
      this.#bySegments.set(key, known);
      names.push(known.name);
      giver = known.children;
    }
    return names;
  }
}

/** `cur`, `new` and `tmp` mean something within a Maildir. */
function safeFolderName(segment: string): string {
  const name = safeName(segment, 100, 'folder');
  return /^(?:cur|new|tmp)$/i.test(name) ? `_${name}` : name;
}
