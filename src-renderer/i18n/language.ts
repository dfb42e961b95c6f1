import { create } from 'zustand';

export type Direction = 'ltr' | 'rtl';

/** Languages with texts of their own. Others see English words with their own dates, numbers and direction. */
export const languages = [{ tag: 'en', name: 'English' }] as const;

const useLanguageStore = create<{ tag: string }>()(() => ({ tag: systemTag() }));

/** The language tag that texts, dates and numbers follow. */
export function locale(): string {
  return useLanguageStore.getState().tag;
}

/** Follows the preference: a language tag, or `system`. */
export function setLanguage(preference: string): void {
  const tag = preference === 'system' || !isTag(preference) ? systemTag() : preference;
  useLanguageStore.setState({ tag });
}

/** Re-renders when the language changes; the app's root uses it as its key. */
export function useLanguage(): string {
  return useLanguageStore((state) => state.tag);
}

export function direction(tag: string): Direction {
  return /^(ar|fa|he|ur|yi|ps|sd|ug|dv|ckb)\b/i.test(tag) ? 'rtl' : 'ltr';
}

function systemTag(): string {
  return typeof navigator === 'undefined' ? 'en' : navigator.language || 'en';
}

function isTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length > 0;
  } catch {
    // RangeError: not a language tag.
    return false;
  }
}
