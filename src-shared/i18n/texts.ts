/** A string with `{placeholders}`, or its plural forms chosen by `count` (Unicode CLDR categories). */
export type PluralText = { readonly one?: string; readonly other: string } & {
  readonly [category in 'zero' | 'two' | 'few' | 'many']?: string;
};
export type TextEntry = string | PluralText;
export type Texts = { readonly [key: string]: TextEntry };

/** The placeholders a text names; `count` for plural forms. */
export type PlaceholdersOf<T> = T extends string
  ? T extends `${string}{${infer Name}}${infer Rest}`
    ? Name | PlaceholdersOf<Rest>
    : never
  : T extends { readonly other: infer Other }
    ? 'count' | PlaceholdersOf<Other>
    : never;

export type Values<T> = [PlaceholdersOf<T>] extends [never]
  ? []
  : [{ readonly [Name in PlaceholdersOf<T>]: string | number }];

/** Puts the values where the placeholders stand. Numbers are written the reader's way. */
export function fillText(text: TextEntry, values: Readonly<Record<string, string | number>>, locale: string): string {
  const form = typeof text === 'string' ? text : pluralForm(text, values.count, locale);
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? numbersOf(locale).format(value) : value;
  });
}

function pluralForm(text: PluralText, count: string | number | undefined, locale: string): string {
  const category = pluralsOf(locale).select(Number(count ?? 0));
  return text[category] ?? text.other;
}

/** Making one takes as long as a hundred uses of it. */
function keptByLocale<T>(make: (locale: string) => T): (locale: string) => T {
  const kept = new Map<string, T>();
  return (locale) => {
    const made = kept.get(locale) ?? make(locale);
    kept.set(locale, made);
    return made;
  };
}

const numbersOf = keptByLocale((locale) => new Intl.NumberFormat(locale));
const pluralsOf = keptByLocale((locale) => new Intl.PluralRules(locale));
