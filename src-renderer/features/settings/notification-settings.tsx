import { useState } from 'react';
import { t } from '../../i18n/index.ts';
import { useAppInfo } from '../../projection/stores.ts';
import { Button, Switch } from '../../ui/index.ts';
import { SettingRow } from './setting-row.tsx';
import { usePreferences } from './use-preferences.ts';

/** Telling of new mail, and staying there to do so. In a browser the person has to allow it once, in answer to a click. */
export function NotificationSettings() {
  const { preferences, set } = usePreferences();
  const capabilities = useAppInfo((state) => state.info?.capabilities);
  return (
    <div className="settings-stack">
      <Switch
        isSelected={preferences.notifyOfNewMail}
        onChange={(notifyOfNewMail) => set({ notifyOfNewMail })}
        description={t('settings.notify.text')}
      >
        {t('settings.notify')}
      </Switch>
      {preferences.notifyOfNewMail && capabilities?.host === 'browser' && <Permission />}
      {capabilities?.tray === true && (
        <Switch
          isSelected={preferences.keepRunning}
          onChange={(keepRunning) => set({ keepRunning })}
          description={t('settings.keepRunning.text')}
        >
          {t('settings.keepRunning')}
        </Switch>
      )}
    </div>
  );
}

function Permission() {
  const [permission, setPermission] = useState(() =>
    typeof Notification === 'undefined' ? 'denied' : Notification.permission,
  );
  if (permission === 'granted') return <p className="settings-text">{t('settings.notify.allowed')}</p>;
  if (permission === 'denied') return <p className="settings-text">{t('settings.notify.blocked')}</p>;
  return (
    <SettingRow label={t('settings.notify.asking')}>
      <Button onPress={() => void Notification.requestPermission().then(setPermission)}>
        {t('settings.notify.ask')}
      </Button>
    </SettingRow>
  );
}
