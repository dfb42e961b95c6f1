import { Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { FormError } from '../../ui/form-error.tsx';
import { EmptyState, Section, TextField } from '../../ui/index.ts';
import { Page } from '../../ui/page.tsx';
import type { SettingsSection } from './sections.ts';
import { findSettings } from './settings-search.ts';
import { usePreferences } from './use-preferences.ts';
import { useSectionInView } from './use-section-in-view.ts';
import { useSections } from './use-sections.tsx';
import './screen.css';

/** Every setting on one page, found by its words. */
export function SettingsScreen() {
  const preferences = usePreferences();
  const sections = useSections(preferences);
  const [query, setQuery] = useState('');
  const view = useNavigation((state) => state.view);
  const section = view.kind === 'settings' ? view.section : undefined;
  const shown = found(sections, query);
  const list = useRef<HTMLDivElement>(null);
  const { current, goTo } = useSectionInView(list, shown.map(({ id }) => id).join(' '));
  useEffect(() => {
    if (section !== undefined) goTo(anchorOf(section));
  }, [section, goTo]);
  const nav = useRef<HTMLElement>(null);
  // In a narrow window the sections are a row of their own, which follows.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another section is current
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current]);
  return (
    <Page
      title={t('settings.title')}
      description={t('settings.description')}
      actions={
        <TextField
          label={t('settings.search')}
          isLabelHidden
          placeholder={t('settings.search')}
          type="search"
          value={query}
          onChange={setQuery}
          className="settings-search"
        />
      }
    >
      <FormError error={preferences.error} />
      <div className="settings-page">
        <nav ref={nav} className="settings-nav" aria-label={t('settings.sections')}>
          <ul>
            {shown.map(({ id }) => (
              <li key={id}>
                <a
                  href={`#${anchorOf(id)}`}
                  aria-current={anchorOf(id) === current ? 'location' : undefined}
                  onClick={(event) => {
                    // Without touching the address, which carries more than a place on a page.
                    event.preventDefault();
                    goTo(anchorOf(id));
                  }}
                >
                  {t(`settings.section.${id}`)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <p role="status" className="ui-visually-hidden">
          {query.trim() === '' ? '' : t('settings.search.found', { count: countOf(shown) })}
        </p>
        <div ref={list} className="settings-sections">
          {shown.length === 0 && (
            <EmptyState icon={Search} title={t('settings.search.none', { query: query.trim() })} />
          )}
          {shown.map(({ id, settings }) => (
            <Section key={id} title={t(`settings.section.${id}`)} id={anchorOf(id)} className="settings-section">
              <div className="settings-card">
                {settings.map((setting) => (
                  <div key={setting.id} className="settings-one">
                    {setting.node}
                  </div>
                ))}
              </div>
            </Section>
          ))}
        </div>
      </div>
    </Page>
  );
}

function countOf(sections: readonly SettingsSection[]): number {
  return sections.reduce((sum, { settings }) => sum + settings.length, 0);
}

function anchorOf(id: string): string {
  return `settings-${id}`;
}

function found(sections: readonly SettingsSection[], query: string): SettingsSection[] {
  return sections.flatMap((section) => {
    const title = t(`settings.section.${section.id}`);
    const settings = findSettings(
      section.settings.map((setting) => ({ ...setting, words: [title, ...setting.words] })),
      query,
    );
    return settings.length === 0 ? [] : [{ ...section, settings }];
  });
}
