import { isAbsolute, join } from 'node:path';

/** A profile as `profiles.ini` lists it. */
export interface ListedProfile {
  readonly name: string;
  readonly path: string;
  /** Thunderbird opens it when none is asked for. */
  readonly isDefault: boolean;
}

/** Reads `profiles.ini` of the directory `root`: the default first. */
export function profilesIn(text: string, root: string): ListedProfile[] {
  const sections = sectionsOf(text);
  const installed = new Set(
    sections.flatMap(({ title, values }) => (title.startsWith('Install') ? [values.get('Default') ?? ''] : [])),
  );
  const found = sections.flatMap(({ title, values }): ListedProfile[] => {
    const path = values.get('Path') ?? '';
    if (!/^Profile\d+$/.test(title) || path === '') return [];
    const isRelative = values.get('IsRelative') !== '0' && !isAbsolute(path);
    return [
      {
        name: values.get('Name') ?? path,
        path: isRelative ? join(root, ...path.split(/[\\/]/)) : path,
        isDefault: installed.has(path) || (installed.size === 0 && values.get('Default') === '1'),
      },
    ];
  });
  return found.sort((a, b) => Number(b.isDefault) - Number(a.isDefault));
}

function sectionsOf(text: string): { title: string; values: Map<string, string> }[] {
  const sections: { title: string; values: Map<string, string> }[] = [];
  for (const line of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
    const title = /^\[(.+)\]\s*$/.exec(line)?.[1];
    if (title !== undefined) sections.push({ title, values: new Map() });
    const [, key, value] = /^([^=;#[]+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) sections.at(-1)?.values.set(key.trim(), value.trim());
  }
  return sections;
}
