import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useAccounts, useIdentities, useRules } from '../../projection/settings-parts.ts';
import { useAppInfo } from '../../projection/stores.ts';
import { Button, Switch } from '../../ui/index.ts';
import { accountsSection, everySettings } from './account-settings.tsx';
import { ContactSettings } from './contact-settings.tsx';
import { NetworkSettings } from './network-settings.tsx';
import { NotificationSettings } from './notification-settings.tsx';
import { PracticeSettings } from './practice-settings.tsx';
import { composingSection, readingSection, sendingSection } from './preference-settings.tsx';
import { ScannerSettings } from './scanner-settings.tsx';
import type { SettingsSection } from './sections.ts';
import { SettingRow } from './setting-row.tsx';
import { FolderSetting, IndexSetting, SecretsSetting, TransferSetting } from './storage-settings.tsx';
import { TagSettings } from './tag-settings.tsx';
import type { usePreferences } from './use-preferences.ts';

/** The whole page, in order. */
export function useSections({ preferences, set }: ReturnType<typeof usePreferences>): SettingsSection[] {
  const accounts = useAccounts();
  return [
    accountsSection(accounts),
    only('identities', [t('settings.identities.text'), t('settings.identities.open')], <IdentitiesLink />),
    readingSection({ preferences, set }),
    composingSection({ preferences, set }),
    sendingSection({ preferences, set }),
    {
      id: 'collecting',
      settings: [
        {
          id: 'atStart',
          words: [t('settings.atStart'), t('settings.atStart.text')],
          node: (
            <Switch
              isSelected={preferences.collectAtStart}
              onChange={(collectAtStart) => set({ collectAtStart })}
              description={t('settings.atStart.text')}
            >
              {t('settings.atStart')}
            </Switch>
          ),
        },
        ...everySettings(accounts),
      ],
    },
    only(
      'notifications',
      [t('settings.notify'), t('settings.notify.text'), t('settings.keepRunning')],
      <NotificationSettings />,
    ),
    only(
      'networks',
      [t('settings.here'), t('settings.here.text'), t('settings.here.name'), t('settings.known')],
      <NetworkSettings />,
    ),
    only('tags', [t('settings.tags.text'), t('settings.tag.add'), t('settings.tag.colour.blue')], <TagSettings />),
    only(
      'rules',
      [t('rules.settings.label'), t('rules.settings.text'), t('rules.junk'), t('rules.answers')],
      <RulesLink />,
    ),
    only(
      'scanner',
      [t('quarantine.on'), t('quarantine.on.text'), t('quarantine.command'), t('quarantine.folder'), 'ClamAV'],
      <ScannerSettings />,
    ),
    only('contacts', [t('settings.contacts.text'), t('settings.contacts.add')], <ContactSettings />),
    {
      id: 'storage',
      settings: [
        {
          id: 'mailFolder',
          words: [t('settings.mailFolder'), t('settings.mailFolder.text')],
          node: <FolderSetting which="mailFolder" />,
        },
        {
          id: 'profile',
          words: [t('settings.profile'), t('settings.profile.text')],
          node: <FolderSetting which="profile" />,
        },
        { id: 'secrets', words: [t('settings.secrets')], node: <SecretsSetting /> },
        { id: 'transfer', words: [t('settings.transfer'), t('settings.transfer.text')], node: <TransferSetting /> },
        { id: 'index', words: [t('settings.index'), t('settings.index.text')], node: <IndexSetting /> },
      ],
    },
    only('practice', [t('settings.practice.off'), t('settings.practice.first')], <PracticeSettings />),
    only('about', [t('settings.version')], <About />),
  ];
}

function only(id: SettingsSection['id'], words: string[], node: React.ReactNode): SettingsSection {
  return { id, settings: [{ id, words, node }] };
}

function IdentitiesLink() {
  const identities = useIdentities();
  const open = useNavigation((state) => state.open);
  return (
    <SettingRow
      label={
        identities.length === 0 ? t('settings.identities.none') : identities.map(({ address }) => address).join(', ')
      }
      text={t('settings.identities.text')}
    >
      <Button onPress={() => open({ kind: 'outgoing-servers', tab: 'identities' })}>
        {t('settings.identities.open')}
      </Button>
    </SettingRow>
  );
}

function RulesLink() {
  const count = useRules().filter(({ isEnabled }) => isEnabled).length;
  const open = useNavigation((state) => state.open);
  return (
    <SettingRow
      label={t('rules.settings.label')}
      text={
        count === 0 ? t('rules.settings.text') : `${t('rules.settings.count', { count })} ${t('rules.settings.text')}`
      }
    >
      <Button onPress={() => open({ kind: 'rules' })}>{t('rules.open')}</Button>
    </SettingRow>
  );
}

function About() {
  const info = useAppInfo((state) => state.info);
  if (info === null) return null;
  return (
    <SettingRow
      label={t('settings.version')}
      text={t('settings.version.text', { version: info.version, host: t(`settings.host.${info.capabilities.host}`) })}
    >
      {null}
    </SettingRow>
  );
}
