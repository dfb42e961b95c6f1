import { type ContextMenuParams, clipboard, Menu, type MenuItemConstructorOptions, type WebContents } from 'electron';
import { t } from './words.ts';

const mostSuggestions = 5;

/** What the menu can do beside what Electron does by role. */
export interface ContextMenuActions {
  replaceMisspelling(word: string): void;
  addToDictionary(word: string): void;
  copyText(text: string): void;
}

/**
 * A menu where text can be edited, is marked, or is a link: Electron has none of its own. Where the page shows a menu of
 * its own, it says so (`preventDefault`) and this one stays away.
 */
export function offerContextMenu(contents: WebContents): void {
  const actions: ContextMenuActions = {
    replaceMisspelling: (word) => contents.replaceMisspelling(word),
    addToDictionary: (word) => void contents.session.addWordToSpellCheckerDictionary(word),
    copyText: (text) => clipboard.writeText(text),
  };
  contents.on('context-menu', (_event, params) => {
    const template = contextMenuTemplate(params, actions);
    if (template.length > 0) Menu.buildFromTemplate(template).popup();
  });
}

type Clicked = Pick<
  ContextMenuParams,
  'isEditable' | 'editFlags' | 'selectionText' | 'linkURL' | 'misspelledWord' | 'dictionarySuggestions'
>;

export function contextMenuTemplate(clicked: Clicked, actions: ContextMenuActions): MenuItemConstructorOptions[] {
  const groups = clicked.isEditable
    ? [spelling(clicked, actions), editing(clicked)]
    : [link(clicked, actions), reading(clicked)];
  return groups
    .filter((group) => group.length > 0)
    .flatMap((group, index) => (index === 0 ? group : [{ type: 'separator' as const }, ...group]));
}

function spelling(
  { misspelledWord, dictionarySuggestions }: Clicked,
  actions: ContextMenuActions,
): MenuItemConstructorOptions[] {
  if (misspelledWord === '') return [];
  const suggestions = dictionarySuggestions
    .slice(0, mostSuggestions)
    .map((word) => ({ label: asLabel(word), click: () => actions.replaceMisspelling(word) }));
  return [
    ...suggestions,
    { label: t('context.addToDictionary'), click: () => actions.addToDictionary(misspelledWord) },
  ];
}

function editing({ editFlags }: Clicked): MenuItemConstructorOptions[] {
  return [
    { role: 'cut', enabled: editFlags.canCut },
    { role: 'copy', enabled: editFlags.canCopy },
    { role: 'paste', enabled: editFlags.canPaste },
    { role: 'pasteAndMatchStyle', label: t('context.pastePlain'), enabled: editFlags.canPaste },
    { type: 'separator' },
    { role: 'selectAll', enabled: editFlags.canSelectAll },
  ];
}

function reading({ selectionText }: Clicked): MenuItemConstructorOptions[] {
  return selectionText.trim() === '' ? [] : [{ role: 'copy' }];
}

/** Where a link leads can be copied; it is opened by the page alone, which first shows the true host. */
function link({ linkURL }: Clicked, actions: ContextMenuActions): MenuItemConstructorOptions[] {
  const address = /^(https?|mailto):/i.test(linkURL) ? linkURL : '';
  return address === '' ? [] : [{ label: t('context.copyLink'), click: () => actions.copyText(address) }];
}

/** A single `&` in a label names a key. */
function asLabel(text: string): string {
  return text.replaceAll('&', '&&');
}
