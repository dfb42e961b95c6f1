import { describe, expect, it } from 'vitest';
import { type Command, matchKey, nameOfKey, writeKeys } from './commands.ts';

const press = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
const command = (id: string, keys: string): Command => ({ id, keys, label: id, group: 'app', run: () => undefined });
const commands = [
  command('next', 'j|ArrowDown'),
  command('inbox', 'g i'),
  command('palette', 'Ctrl+k'),
  command('map', '?'),
];

describe('matchKey', () => {
  it('finds single keys, alternatives and combinations', () => {
    expect(matchKey(commands, null, nameOfKey({ ...press, key: 'J' }))).toMatchObject({ command: { id: 'next' } });
    expect(matchKey(commands, null, nameOfKey({ ...press, key: 'ArrowDown' }))).toMatchObject({ kind: 'run' });
    expect(matchKey(commands, null, nameOfKey({ ...press, key: 'k', metaKey: true }))).toMatchObject({
      command: { id: 'palette' },
    });
    expect(matchKey(commands, null, nameOfKey({ ...press, key: '?', shiftKey: true }))).toMatchObject({
      command: { id: 'map' },
    });
  });

  it('waits for the second key of a sequence and forgets a wrong one', () => {
    expect(matchKey(commands, null, 'g')).toEqual({ kind: 'wait' });
    expect(matchKey(commands, 'g', 'i')).toMatchObject({ command: { id: 'inbox' } });
    expect(matchKey(commands, 'g', 'j')).toEqual({ kind: 'none' });
  });

  it('does not take Ctrl+J for J', () => {
    expect(matchKey(commands, null, nameOfKey({ ...press, key: 'j', ctrlKey: true }))).toEqual({ kind: 'none' });
  });
});

describe('writeKeys', () => {
  it('writes the first of the alternatives', () => {
    expect(writeKeys('j|ArrowDown')).toBe('J');
    expect(writeKeys('g i')).toBe('G I');
    expect(writeKeys('Ctrl+k')).toBe('Ctrl+K');
    expect(writeKeys('Delete')).toBe('Del');
  });
});
