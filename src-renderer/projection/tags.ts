import type { MessageKey } from '#shared/ids.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import { type Tag, type TagColour, tagColours } from '#shared/mail/tag.ts';
import type { Api } from '#shared/rpc/client.ts';
import { t } from '../i18n/index.ts';
import { offerUndo } from '../ui/toasts.tsx';
import { orSay, otherwise } from './actions.ts';
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

/** Puts a tag on messages, or takes it off, and offers to undo that. */
export async function setTag(api: Api, keys: readonly MessageKey[], tag: string, isOn: boolean): Promise<void> {
  if (keys.length === 0) return;
  const without = ({ tags }: MessageSummary): string[] => tags.filter((one) => one !== tag);
  const changed = otherwise(keys, (row) => row.tags.includes(tag) === isOn);
  const change = (on: boolean): Promise<void> =>
    orSay(api, () =>
      inPortions(changed, t('messages.changing', { count: changed.length }), async (messageKeys) => {
        changeRows(messageKeys, (row) => ({ ...row, tags: on ? [...without(row), tag].sort() : without(row) }));
        await api.call('message.setTags', { messageKeys, add: on ? [tag] : [], remove: on ? [] : [tag] });
      }),
    );
  if (changed.length === 0) return;
  await change(isOn);
  const text = t(isOn ? 'messages.taggedCount' : 'messages.untaggedCount', { count: changed.length, tag });
  offerUndo(text, () => void change(!isOn));
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

/** Gives a tag another name, on every message and in the rules that set it; offers to undo that. */
export async function renameTag(api: Api, tag: Tag, name: string): Promise<void> {
  await orSay(api, async () => {
    const keys = await changeName(api, tag.name, name);
    const text = t('settings.tag.renamed', { tag: name, count: keys.length });
    offerUndo(text, () => void orSay(api, () => changeName(api, name, tag.name)));
  });
}

async function changeName(api: Api, from: string, to: string): Promise<MessageKey[]> {
  const { messageKeys } = await api.call('tag.replace', { tag: from, to });
  const tags = currentTags().map((one) => (one.name === from ? { ...one, name: to } : one));
  await api.call('settings.setPreferences', { tags });
  for (const rule of await api.call('rule.list', {})) {
    if (!rule.actions.some((action) => action.kind === 'tag' && action.tag === from)) continue;
    const actions = rule.actions.map((action) =>
      action.kind === 'tag' && action.tag === from ? { ...action, tag: to } : action,
    );
    await api.call('rule.set', { id: rule.id, patch: { actions } });
  }
  return messageKeys;
}

/** Takes a tag off every message and out of the list; offers to put it back where it was. */
export async function removeTag(api: Api, tag: Tag): Promise<void> {
  const before = currentTags();
  await orSay(api, async () => {
    const { messageKeys } = await api.call('tag.replace', { tag: tag.name, to: null });
    await api.call('settings.setPreferences', { tags: before.filter(({ name }) => name !== tag.name) });
    const text = t('settings.tag.removed', { tag: tag.name, count: messageKeys.length });
    offerUndo(text, () => void orSay(api, () => putTagBack(api, tag, before.indexOf(tag), messageKeys)));
  });
}

async function putTagBack(api: Api, tag: Tag, at: number, messageKeys: MessageKey[]): Promise<void> {
  await api.call('settings.setPreferences', { tags: currentTags().toSpliced(Math.max(0, at), 0, tag) });
  if (messageKeys.length > 0) await api.call('message.setTags', { messageKeys, add: [tag.name] });
}
