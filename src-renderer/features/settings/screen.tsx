import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { FormError } from '../../ui/form-error.tsx';
import { EmptyState, Section, TextField } from '../../ui/index.ts';
import { Page } from '../../ui/page.tsx';
import type { SettingsSection } from './sections.ts';
import { findSettings } from './settings-search.ts';
import { usePreferences } from './use-preferences.ts';
import { useSections } from './use-sections.tsx';
import './screen.css';

/** Every setting on one page, found by its words. */
export function SettingsScreen() {
  const preferences = usePreferences();
  const sections = useSections(preferences);
  const [query, setQuery] = useState('');
  const view = useNavigation((state) => state.view);
  const section = view.kind === 'settings' ? view.section : undefined;
  useEffect(() => {
    if (section === undefined) return;
    const target = document.getElementById(anchorOf(section));
    target?.scrollIntoView({ block: 'start' });
    target?.querySelector<HTMLElement>('button:enabled, input:enabled')?.focus({ preventScroll: true });
  }, [section]);
  const shown = found(sections, query);
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
        <nav className="settings-nav" aria-label={t('settings.sections')}>
          <ul>
            {shown.map(({ id }) => (
              <li key={id}>
                <a href={`#${anchorOf(id)}`} onClick={goTo}>
                  {t(`settings.section.${id}`)}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <p role="status" className="ui-visually-hidden">
          {query.trim() === '' ? '' : t('settings.search.found', { count: countOf(shown) })}
        </p>
        <div className="settings-sections">
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

/** Scrolls without touching the address, which carries more than a place on a page. */
function goTo(event: React.MouseEvent<HTMLAnchorElement>): void {
  event.preventDefault();
  const id = event.currentTarget.hash.slice(1);
  const target = document.getElementById(id);
  target?.scrollIntoView({ block: 'start' });
  target
    ?.querySelector<HTMLElement>('button:enabled, input:enabled, textarea:enabled, [tabindex]')
    ?.focus({ preventScroll: true });
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
