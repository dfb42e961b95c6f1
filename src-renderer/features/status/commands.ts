/** Something a person can ask for by key, in the palette, and in the keyboard map. */
export interface Command {
  id: string;
  label: string;
  group: 'mail' | 'list' | 'go' | 'app';
  /**
   * `j`, `Ctrl+k`, `Shift+Delete`, or `g i` for one key after the other; several separated by `|`. Undefined: palette only.
   * Letters are compared without case, characters that need Shift (`?`, `!`) by what they type.
   */
  keys?: string;
  /** Works while typing too. */
  isGlobal?: boolean;
  /** Not offered in the palette: it makes sense by key only. */
  isHidden?: boolean;
  /** Absent: everywhere. */
  isUsable?: () => boolean;
  run: () => void;
}

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** What a key press is called in `Command.keys`. */
export function nameOfKey(press: KeyPress): string {
  const isCharacter = [...press.key].length === 1;
  const key = isCharacter ? press.key.toLowerCase() : press.key;
  const parts = [
    press.ctrlKey || press.metaKey ? 'Ctrl+' : '',
    press.altKey ? 'Alt+' : '',
    press.shiftKey && !isCharacter ? 'Shift+' : '',
  ];
  return parts.join('') + key;
}

export type KeyMatch = { kind: 'run'; command: Command } | { kind: 'wait' } | { kind: 'none' };

/** Finds the command of a key, given the key that went before it. */
export function matchKey(commands: readonly Command[], before: string | null, name: string): KeyMatch {
  const sequence = before === null ? name : `${before} ${name}`;
  const keysOf = (command: Command): string[] => command.keys?.split('|') ?? [];
  const command = commands.find((candidate) => keysOf(candidate).includes(sequence));
  if (command !== undefined) return { kind: 'run', command };
  const isStart = before === null && commands.some((one) => keysOf(one).some((keys) => keys.startsWith(`${name} `)));
  return isStart ? { kind: 'wait' } : { kind: 'none' };
}

/** How keys are written for people: `Ctrl+K`, `G I`. */
export function writeKeys(keys: string): string {
  const first = keys.split('|')[0] ?? keys;
  const names: Readonly<Record<string, string>> = { ArrowDown: '↓', ArrowUp: '↑', Delete: 'Del', Escape: 'Esc' };
  return first
    .split(' ')
    .map((press) =>
      press
        .split('+')
        .map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part))
        .join('+'),
    )
    .join(' ');
}
