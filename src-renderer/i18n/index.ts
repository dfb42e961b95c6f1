import type { z } from 'zod';
import { MailError, MailErrorData, toErrorData } from '#shared/mail-error.ts';
import { en } from './en/index.ts';
import { locale } from './language.ts';
import { fillText, type Values } from './texts.ts';

export * from './format.ts';
export { type Direction, direction, languages, locale, setLanguage, useLanguage } from './language.ts';

type Catalogue = typeof en.texts;
type KeysOf<F extends keyof Catalogue> = `${F & string}.${Extract<keyof Catalogue[F], string>}`;
/** Every text by name: `composing.send`. */
export type TextKey = { [F in keyof Catalogue]: KeysOf<F> }[keyof Catalogue];
type TextOf<K extends TextKey> = K extends `${infer F}.${infer N}`
  ? F extends keyof Catalogue
    ? N extends keyof Catalogue[F]
      ? Catalogue[F][N]
      : never
    : never
  : never;

const flat = new Map(
  Object.entries(en.texts).flatMap(([feature, texts]) =>
    Object.entries(texts).map(([name, text]) => [`${feature}.${name}`, text] as const),
  ),
);

/** The text in the reader's language. Placeholders are checked by the compiler; `count` chooses the plural form. */
export function t<K extends TextKey>(key: K, ...values: Values<TextOf<K>>): string {
  const text = flat.get(key);
  return text === undefined ? key : fillText(text, values[0] ?? {}, locale());
}

export interface ErrorText {
  /** What happened. */
  headline: string;
  /** What it means for the mail. */
  meaning: string;
  /** What to do. */
  advice: string;
}

/** The words for whatever was thrown. */
export function errorText(error: unknown): ErrorText {
  return en.errors[dataOf(error).code];
}

/** For the details: the server's words, the command, the codes; '' when there is nothing more to say. */
export function errorDetails(error: unknown): string {
  const data = dataOf(error);
  const reply = [data.replyCode, data.enhancedStatusCode].filter((part) => part !== undefined).join(' ');
  return [data.message, data.server, data.command, reply]
    .filter((part) => part !== undefined && part !== '')
    .join('\n');
}

function dataOf(error: unknown): z.infer<typeof MailErrorData> {
  if (error instanceof MailError) return error.toData();
  const parsed = MailErrorData.safeParse(error);
  return parsed.success ? parsed.data : toErrorData(error);
}
