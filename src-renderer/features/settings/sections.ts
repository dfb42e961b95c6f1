import type { ReactNode } from 'react';

const sectionIds = [
  'accounts',
  'identities',
  'reading',
  'composing',
  'sending',
  'collecting',
  'notifications',
  'networks',
  'tags',
  'rules',
  'scanner',
  'contacts',
  'storage',
  'practice',
  'about',
] as const;
export type SectionId = (typeof sectionIds)[number];

/** A part of the page; each of its settings is found by its own words and by the section's title. */
export interface SettingsSection {
  readonly id: SectionId;
  readonly settings: readonly { readonly id: string; readonly words: readonly string[]; readonly node: ReactNode }[];
}
