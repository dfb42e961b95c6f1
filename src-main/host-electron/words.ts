import { desktop } from '#shared/i18n/en/desktop.ts';
import { fillText, type Values } from '#shared/i18n/texts.ts';

type Words = typeof desktop;

/** What a person reads outside the page, as the page's own `t` has it. Placeholders are checked by the compiler. */
export function t<K extends keyof Words>(key: K, ...values: Values<Words[K]>): string {
  return fillText(desktop[key], values[0] ?? {}, 'en');
}
