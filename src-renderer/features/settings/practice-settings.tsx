import { useEffect, useState } from 'react';
import { folder } from '#shared/mail/folder.ts';
import { PracticeFaults } from '#shared/mail/setup.ts';
import type { Result } from '#shared/rpc/contract.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Select } from '../../ui/index.ts';
import { SettingRow } from './setting-row.tsx';

type Standing = Result<'practice.faults'>;

/** The built-in servers and the faults they can be told to show. */
export function PracticeSettings() {
  const api = useApi();
  const open = useNavigation((state) => state.open);
  const [standing, setStanding] = useState<Standing | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    api.call('practice.faults', {}).then(setStanding, setError);
  }, [api]);
  const set = (faults: Partial<PracticeFaults>): void => {
    setError(null);
    api.call('practice.faults', { faults }).then(setStanding).catch(setError);
  };
  const setUp = (): void => {
    setError(null);
    api
      .call('practice.setUp', {})
      .then(() => open({ kind: 'mail', folder: folder.inbox }))
      .catch(setError);
  };
  return (
    <div className="settings-stack">
      {standing !== null && !standing.isRunning && (
        <SettingRow label={t('settings.section.practice')} text={t('settings.practice.off')}>
          <Button onPress={setUp}>{t('settings.practice.setUp')}</Button>
        </SettingRow>
      )}
      {standing?.isRunning === true && (
        <>
          {(['first', 'second'] as const).map((name) => (
            <SettingRow key={name} label={t(`settings.practice.${name}`)} text={t(`settings.practice.${name}.text`)}>
              <Select
                label={t(`settings.practice.${name}`)}
                isLabelHidden
                options={PracticeFaults.shape[name].options.map((value) => ({
                  value,
                  label: t(`settings.fault.${value}`),
                }))}
                value={standing.faults[name]}
                onChange={(fault) => set({ [name]: fault })}
              />
            </SettingRow>
          ))}
          <SettingRow label={t('settings.practice.maildrop')} text={t('settings.practice.maildrop.text')}>
            <Select
              label={t('settings.practice.maildrop')}
              isLabelHidden
              options={PracticeFaults.shape.maildrop.options.map((value) => ({
                value,
                label: t(`settings.fault.${value}`),
              }))}
              value={standing.faults.maildrop}
              onChange={(maildrop) => set({ maildrop })}
            />
          </SettingRow>
          <Received />
        </>
      )}
      <FormError error={error} />
    </div>
  );
}

/** What the practice servers accepted so far; looked up again after each sending. */
function Received() {
  const api = useApi();
  const [received, setReceived] = useState<Result<'practice.received'>>([]);
  useEffect(() => {
    const look = (): void => {
      // The list is an aside: when it cannot be had, the last one stays.
      api.call('practice.received', {}).then(setReceived, () => undefined);
    };
    look();
    return api.on('outbox.changed', look);
  }, [api]);
  return (
    <SettingRow label={t('settings.practice.received')} text={t('settings.practice.received.text')}>
      {received.length === 0 ? (
        <p className="settings-text">{t('settings.practice.received.none')}</p>
      ) : (
        <ul className="settings-list">
          {received
            .slice(-5)
            .reverse()
            .map(({ server, to, subject, at }) => (
              <li key={`${at} ${server} ${subject}`}>
                {t('settings.practice.received.one', { subject, to: to.join(', '), server })}
              </li>
            ))}
        </ul>
      )}
    </SettingRow>
  );
}
