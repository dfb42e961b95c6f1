import { expect, test, vi } from 'vitest';
import { createClient } from '#shared/rpc/client.ts';
import { createTransportPair } from '#shared/rpc/transport.ts';
import { WindowCommand } from '#shared/rpc/window-command.ts';
import type { MessageActs } from '../projection/message-entries.ts';
import { makeCommands } from './use-commands.ts';

const nothing = (): void => undefined;
const acts: MessageActs = {
  reply: nothing,
  replyAll: nothing,
  forward: nothing,
  edit: nothing,
  release: nothing,
  scanAgain: nothing,
  archive: nothing,
  remove: nothing,
  move: nothing,
  copy: nothing,
  tag: nothing,
  toggleJunk: nothing,
  toggleRead: nothing,
  toggleFlag: nothing,
};

const commands = () =>
  makeCommands(createClient(createTransportPair()[0]), acts, {
    collect: nothing,
    search: nothing,
    openMessage: nothing,
    escape: nothing,
    showPalette: nothing,
    showKeys: nothing,
    openFile: nothing,
    signal: vi.fn(),
  });

test('there is a command for everything the menu of the desktop asks for', () => {
  const names = commands().map(({ id }) => id);
  expect(WindowCommand.options.filter((name) => !names.includes(name))).toEqual([]);
});

test('no two commands have one name, or one key', () => {
  const all = commands();
  const twice = (words: readonly string[]) => words.filter((word, at) => words.indexOf(word) !== at);
  expect(twice(all.map(({ id }) => id))).toEqual([]);
  expect(twice(all.flatMap(({ keys }) => keys?.split('|') ?? []))).toEqual([]);
});
