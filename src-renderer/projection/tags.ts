import type { MessageKey } from '#shared/ids.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import { type Tag, type TagColour, tagColours } from '#shared/mail/tag.ts';
import type { Api } from '#shared/rpc/client.ts';
import { t } from '../i18n/index.ts';
import { offerUndo } from '../ui/toasts.tsx';
import { orSay } from './actions.ts';
import { listed } from './folder-actions.ts';
import { changeRows, useMessages } from './messages.ts';
import { inPortions } from './portions.ts';
import { useSettings } from './stores.ts';

const none: readonly Tag[] = [];

/** The tags the user set up, in their order. */
export function useTags(): readonly Tag[] {
  return useSettings((state) => state.settings?.preferences.tags ?? none);
}

export function currentTags(): readonly Tag[] {
  return useSettings.getState().settings?.preferences.tags ?? none;
}

/** A tag nobody set up (from a rule, or another Postrider) has a colour made from its name, the same every time. */
export function colourOf(tags: readonly Tag[], name: string): TagColour {
  const known = tags.find((tag) => isSameTag(tag.name, name));
  if (known !== undefined) return known.colour;
  let sum = 0;
  for (const character of name.toLowerCase()) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return tagColours[sum % tagColours.length] ?? 'grey';
}

export function isSameTag(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** The names as the user ordered the tags; those nobody set up come last. */
export function inUsersOrder(tags: readonly Tag[], names: readonly string[]): string[] {
  const placeOf = (name: string): number => {
    const at = tags.findIndex((tag) => isSameTag(tag.name, name));
    return at < 0 ? tags.length : at;
  };
  return names.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** Puts a tag on messages, or takes it off, and offers to undo that: those that were so already stay so. */
export async function setTag(api: Api, keys: readonly MessageKey[], tag: string, isOn: boolean): Promise<void> {
  if (keys.length === 0) return;
  const changed = await changeTag(api, keys, tag, isOn);
  const text = t(isOn ? 'messages.taggedCount' : 'messages.untaggedCount', { count: changed.length, tag });
  if (changed.length > 0) offerUndo(text, () => void changeTag(api, changed, tag, !isOn));
}

async function changeTag(api: Api, keys: readonly MessageKey[], tag: string, isOn: boolean): Promise<MessageKey[]> {
  const without = ({ tags }: MessageSummary): string[] => tags.filter((one) => one !== tag);
  const changed: MessageKey[] = [];
  await orSay(api, () =>
    inPortions(keys, t('messages.changing', { count: keys.length }), async (messageKeys) => {
      changeRows(messageKeys, (row) => ({ ...row, tags: isOn ? [...without(row), tag].sort() : without(row) }));
      const answer = await api.call('message.setTags', {
        messageKeys,
        add: isOn ? [tag] : [],
        remove: isOn ? [] : [tag],
      });
      changed.push(...answer.changed);
    }),
  );
  return changed;
}

/** Takes the tag off when all of them have it; else gives it to all. */
export async function toggleTag(api: Api, keys: readonly MessageKey[], tag: string): Promise<void> {
  const wanted = new Set(keys);
  const rows = useMessages.getState().list.rows.filter((row) => row !== undefined && wanted.has(row.messageKey));
  const hasAll = rows.length > 0 && rows.every((row) => row?.tags.includes(tag) === true);
  await setTag(api, keys, tag, !hasAll);
}

/** Keeps the list of tags. */
export async function saveTags(api: Api, tags: readonly Tag[]): Promise<void> {
  await orSay(api, () => api.call('settings.setPreferences', { tags: [...tags] }));
}

/** What to type into the search to find a tag's messages. */
export function queryOfTag(name: string): string {
  return `tag:"${name.replaceAll('"', '')}"`;
}

/** Gives a tag another name, on every message, in rules and in saved searches; offers to undo that. */
export async function renameTag(api: Api, tag: Tag, name: string): Promise<void> {
  await orSay(api, async () => {
    const { messageKeys, uses } = await api.call('tag.replace', { tag: tag.name, to: name });
    const text = t('settings.tag.renamed', { tag: name, count: messageKeys.length });
    const more = uses.length === 0 ? '' : ` ${t('folders.followed', { what: listed(uses) })}`;
    offerUndo(text + more, () => void orSay(api, () => api.call('tag.replace', { tag: name, to: tag.name })));
  });
}

/** Takes a tag off every message and out of the list; says what names it still, and offers to put it back where it was. */
export async function removeTag(api: Api, tag: Tag): Promise<void> {
  const before = currentTags();
  await orSay(api, async () => {
    const { messageKeys, uses } = await api.call('tag.replace', { tag: tag.name, to: null });
    await api.call('settings.setPreferences', { tags: before.filter(({ name }) => name !== tag.name) });
    const text = t('settings.tag.removed', { tag: tag.name, count: messageKeys.length });
    const more = uses.length === 0 ? '' : ` ${t('folders.stillNamed', { what: listed(uses) })}`;
    offerUndo(text + more, () => void orSay(api, () => putTagBack(api, tag, before.indexOf(tag), messageKeys)));
  });
}

async function putTagBack(api: Api, tag: Tag, at: number, messageKeys: MessageKey[]): Promise<void> {
  await api.call('settings.setPreferences', { tags: currentTags().toSpliced(Math.max(0, at), 0, tag) });
  if (messageKeys.length > 0) await api.call('message.setTags', { messageKeys, add: [tag.name] });
}
