import { type FormEvent, useState } from 'react';
import type { NetworkLocation } from '#shared/mail/outbox.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useLocation } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, showToast, TextField } from '../../ui/index.ts';
import { SettingRow } from './setting-row.tsx';

/** Where this computer is connected, and what the user calls it. */
export function NetworkSettings() {
  const here = useLocation((state) => state.location);
  const open = useNavigation((state) => state.open);
  return (
    <div className="settings-stack">
      {here !== null && <Here key={here.locationId} here={here} />}
      <SettingRow label={t('settings.known')} text={t('settings.known.text')}>
        <Button onPress={() => open({ kind: 'networks' })}>{t('settings.known.open')}</Button>
      </SettingRow>
    </div>
  );
}

function Here({ here }: { here: NetworkLocation }) {
  const api = useApi();
  const [name, setName] = useState(here.isNamed ? here.name : '');
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() === '') return;
    setError(null);
    api
      .call('network.name', { locationId: here.locationId, name: name.trim() })
      .then(() => showToast({ text: t('settings.here.saved', { name: name.trim() }) }))
      .catch(setError);
  };
  const text = here.isOnline
    ? here.isNamed
      ? here.name
      : `${here.name}. ${t('settings.here.unnamed')}`
    : t('settings.here.offline');
  return (
    <>
      <SettingRow
        label={t('settings.here')}
        text={
          <>
            {text}
            <br />
            {t('settings.here.text')}
          </>
        }
      >
        <form onSubmit={submit} className="settings-inline">
          <TextField
            label={t('settings.here.name')}
            value={name}
            onChange={setName}
            maxLength={100}
            suffix={
              <Button type="submit" isDisabled={name.trim() === '' || name.trim() === here.name}>
                {t('settings.here.save')}
              </Button>
            }
          />
        </form>
      </SettingRow>
      <FormError error={error} />
    </>
  );
}
