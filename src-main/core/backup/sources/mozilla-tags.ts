/** A tag as Thunderbird's preferences know it. */
export interface MozillaTag {
  readonly name: string;
  /** `#RRGGBB`. */
  readonly colour: string | undefined;
}

/** A keyword's tag; undefined: the preferences do not know it. */
export type NameTag = (key: string) => MozillaTag | undefined;

/** The tags every Thunderbird begins with. */
export const firstMozillaTags: ReadonlyMap<string, MozillaTag> = new Map([
  ['$label1', { name: 'Important', colour: '#FF0000' }],
  ['$label2', { name: 'Work', colour: '#FF9900' }],
  ['$label3', { name: 'Personal', colour: '#009900' }],
  ['$label4', { name: 'To Do', colour: '#3333FF' }],
  ['$label5', { name: 'Later', colour: '#993399' }],
]);

/** Keywords that programs and servers set for themselves; nobody sees them as tags. */
const machineKeys = /^(?:junk|nonjunk|notjunk|junkrecorded|redirected|forwarded|[$\\].*)$/i;

/** The names of the tags that these keywords stand for. */
export function namesOfTags(
  keys: readonly string[],
  nameTag: NameTag = (key) => firstMozillaTags.get(key.toLowerCase()),
): string[] {
  return keys.flatMap((key) => {
    const named = nameTag(key)?.name;
    if (named !== undefined) return [named];
    return machineKeys.test(key) ? [] : [key];
  });
}
