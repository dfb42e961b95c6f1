import { expect, test, vi } from 'vitest';
import { contextMenuTemplate, offerContextMenu } from './context-menu.ts';
import { FakeContents, world } from './testing/electron-double.ts';

vi.mock('electron', () => import('./testing/electron-double.ts'));

const can = {
  canUndo: false,
  canRedo: false,
  canCut: true,
  canCopy: true,
  canPaste: true,
  canDelete: true,
  canSelectAll: true,
  canEditRichly: true,
};
const nothing = {
  isEditable: false,
  editFlags: can,
  selectionText: '',
  linkURL: '',
  misspelledWord: '',
  dictionarySuggestions: [],
};
const asked: string[] = [];
const actions = {
  replaceMisspelling: (word: string) => void asked.push(`replace ${word}`),
  addToDictionary: (word: string) => void asked.push(`add ${word}`),
  copyText: (text: string) => void asked.push(`copy ${text}`),
};
const template = (clicked: object) => contextMenuTemplate({ ...nothing, ...clicked }, actions);
const names = (clicked: object) => template(clicked).map(({ label, role, type }) => label ?? role ?? type);

function press(clicked: object, label: string): void {
  const entry = template(clicked).find((own) => own.label === label);
  Reflect.apply(entry?.click ?? (() => undefined), undefined, []);
}

test('in a text that can be written, what editing needs', () => {
  expect(names({ isEditable: true })).toEqual([
    'cut',
    'copy',
    'paste',
    'Paste as plain text',
    'separator',
    'selectAll',
  ]);
  const flags = { ...can, canCut: false, canPaste: false };
  expect(template({ isEditable: true, editFlags: flags }).filter(({ enabled }) => enabled === false)).toHaveLength(3);
});

test('a misspelled word can be put right, or learned', () => {
  const clicked = {
    isEditable: true,
    misspelledWord: 'teh',
    dictionarySuggestions: ['the', 'R&D', 'tech', 'ten', 'tea', 'sixth'],
  };
  expect(names(clicked).slice(0, 7)).toEqual(['the', 'R&&D', 'tech', 'ten', 'tea', 'Add to dictionary', 'separator']);
  press(clicked, 'R&&D');
  press(clicked, 'Add to dictionary');
  expect(asked.splice(0)).toEqual(['replace R&D', 'add teh']);
});

test('what is read can be copied, and where a link leads; nothing opens from here', () => {
  expect(names({ selectionText: '  ' })).toEqual([]);
  const link = { selectionText: 'here', linkURL: 'https://example.com/a' };
  expect(names(link)).toEqual(['Copy link address', 'separator', 'copy']);
  press(link, 'Copy link address');
  expect(asked.splice(0)).toEqual(['copy https://example.com/a']);
  for (const linkURL of ['javascript:alert(1)', 'file:///etc/passwd', 'app://postrider/blob/x'])
    expect(names({ linkURL })).toEqual([]);
});

test('comes up where there is something to do, and only there', () => {
  const contents = new FakeContents();
  offerContextMenu(Reflect.apply(Object, undefined, [contents]));
  contents.emit('context-menu', {}, nothing);
  contents.emit('context-menu', {}, { ...nothing, linkURL: 'mailto:a@example.com' });
  expect(world.popups).toHaveLength(1);
  Reflect.apply(world.popups[0]?.[0]?.click ?? (() => undefined), undefined, []);
  expect(world.clipboard).toBe('mailto:a@example.com');
});
