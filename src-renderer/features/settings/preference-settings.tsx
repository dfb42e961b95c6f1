import { X } from 'lucide-react';
import type { Preferences } from '#shared/mail/settings.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { Button, IconButton, NumberField, type Option, Select, Switch } from '../../ui/index.ts';
import type { SettingsSection } from './sections.ts';
import { SettingRow } from './setting-row.tsx';

interface PreferenceProps {
  preferences: Preferences;
  set: (patch: Partial<Preferences>) => void;
}

/** Appearance and reading. */
export function readingSection(props: PreferenceProps): SettingsSection {
  return {
    id: 'reading',
    settings: [
      {
        id: 'theme',
        words: [t('settings.theme'), t('settings.theme.text'), t('settings.theme.dark'), t('settings.theme.light')],
        node: (
          <Choice
            name="theme"
            options={(['system', 'light', 'dark'] as const).map((value) => ({
              value,
              label: t(`settings.theme.${value}`),
            }))}
            value={props.preferences.theme}
            onChange={(theme) => props.set({ theme })}
          />
        ),
      },
      {
        id: 'density',
        words: [t('settings.density'), t('settings.density.text')],
        node: (
          <Choice
            name="density"
            options={(['comfortable', 'compact'] as const).map((value) => ({
              value,
              label: t(`settings.density.${value}`),
            }))}
            value={props.preferences.density}
            onChange={(density) => props.set({ density })}
          />
        ),
      },
      {
        id: 'markRead',
        words: [t('settings.markRead'), t('settings.markRead.text')],
        node: (
          <SettingRow label={t('settings.markRead')} text={t('settings.markRead.text')}>
            <NumberField
              label={t('settings.markRead')}
              isLabelHidden
              value={props.preferences.markReadAfterSeconds}
              onChange={(seconds) => props.set({ markReadAfterSeconds: seconds })}
              minValue={0}
              maxValue={60}
              unit={t('settings.seconds')}
            />
          </SettingRow>
        ),
      },
      { id: 'remote', words: [t('settings.remote'), t('settings.remote.text')], node: <RemoteContent {...props} /> },
    ],
  };
}

export function composingSection(props: PreferenceProps): SettingsSection {
  return {
    id: 'composing',
    settings: [
      {
        id: 'composeFormat',
        words: [t('settings.composeFormat'), t('settings.composeFormat.text'), t('settings.composeFormat.rich')],
        node: (
          <Choice
            name="composeFormat"
            options={(['plain', 'rich'] as const).map((value) => ({
              value,
              label: t(`settings.composeFormat.${value}`),
            }))}
            value={props.preferences.composeFormat}
            onChange={(composeFormat) => props.set({ composeFormat })}
          />
        ),
      },
    ],
  };
}

export function sendingSection(props: PreferenceProps): SettingsSection {
  const { preferences, set } = props;
  return {
    id: 'sending',
    settings: [
      {
        id: 'undo',
        words: [t('settings.undo'), t('settings.undo.text')],
        node: (
          <SettingRow label={t('settings.undo')} text={t('settings.undo.text')}>
            <NumberField
              label={t('settings.undo')}
              isLabelHidden
              value={preferences.undoSendSeconds}
              onChange={(seconds) => set({ undoSendSeconds: seconds })}
              minValue={0}
              maxValue={60}
              unit={t('settings.seconds')}
            />
          </SettingRow>
        ),
      },
      {
        id: 'paused',
        words: [t('settings.paused'), t('settings.paused.text')],
        node: (
          <Switch
            isSelected={preferences.sendingPaused}
            onChange={(sendingPaused) => set({ sendingPaused })}
            description={t('settings.paused.text')}
          >
            {t('settings.paused')}
          </Switch>
        ),
      },
      {
        id: 'servers',
        words: [t('settings.servers'), t('settings.servers.text')],
        node: <ServersLink />,
      },
    ],
  };
}

/** One of a few values of a preference. */
function Choice<T extends string>(props: {
  name: 'theme' | 'density' | 'composeFormat';
  options: readonly Option<T>[];
  value: T;
  onChange: (value: T) => void;
}) {
  const label = t(`settings.${props.name}`);
  return (
    <SettingRow label={label} text={t(`settings.${props.name}.text`)}>
      <Select label={label} isLabelHidden options={props.options} value={props.value} onChange={props.onChange} />
    </SettingRow>
  );
}

function ServersLink() {
  const open = useNavigation((state) => state.open);
  return (
    <SettingRow label={t('settings.servers')} text={t('settings.servers.text')}>
      <Button onPress={() => open({ kind: 'outgoing-servers' })}>{t('settings.servers.open')}</Button>
    </SettingRow>
  );
}

function RemoteContent({ preferences, set }: PreferenceProps) {
  const senders = preferences.remoteContentFrom;
  return (
    <SettingRow
      label={t('settings.remote')}
      text={senders.length === 0 ? t('settings.remote.none') : t('settings.remote.text')}
    >
      {senders.length > 0 && (
        <ul className="settings-list">
          {senders.map((sender) => (
            <li key={sender}>
              <bdi>{sender}</bdi>
              <IconButton
                label={t('ui.remove', { what: sender })}
                icon={X}
                size="small"
                onPress={() => set({ remoteContentFrom: senders.filter((other) => other !== sender) })}
              />
            </li>
          ))}
        </ul>
      )}
    </SettingRow>
  );
}
