import { useState } from 'react';
import { useApi } from '../../api.ts';
import { formatNumber, t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useAppInfo } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button } from '../../ui/index.ts';
import { useJob } from '../../ui/use-job.ts';
import { SettingRow } from './setting-row.tsx';

/** The folder of the mail files, and the rest of the profile. */
export function FolderSetting({ which }: { which: 'mailFolder' | 'profile' }) {
  const api = useApi();
  const info = useAppInfo((state) => state.info);
  const [error, setError] = useState<unknown>(null);
  const path = which === 'mailFolder' ? info?.mailFolder : info?.profileDir;
  if (path === undefined) return null;
  return (
    <>
      <SettingRow
        label={t(`settings.${which}`)}
        text={
          <>
            {t(`settings.${which}.text`)}
            <br />
            <bdi className="settings-path">{path}</bdi>
          </>
        }
      >
        {info?.capabilities.openPath === true && (
          <Button
            aria-label={`${t('settings.open')}: ${t(`settings.${which}`)}`}
            onPress={() => {
              setError(null);
              api.call('host.openPath', { path }).catch(setError);
            }}
          >
            {t('settings.open')}
          </Button>
        )}
      </SettingRow>
      <FormError error={error} />
    </>
  );
}

export function SecretsSetting() {
  const keptIn = useAppInfo((state) => state.info?.secretsKeptIn ?? '');
  return (
    <SettingRow label={t('settings.secrets')} text={t('settings.secrets.text', { where: keptIn })}>
      {null}
    </SettingRow>
  );
}

export function TransferSetting() {
  const open = useNavigation((state) => state.open);
  return (
    <SettingRow label={t('settings.transfer')} text={t('settings.transfer.text')}>
      <Button onPress={() => open({ kind: 'backup' })}>{t('settings.transfer.open')}</Button>
    </SettingRow>
  );
}

/** Making the index again from the mail files. */
export function IndexSetting() {
  const api = useApi();
  const job = useJob((jobs) => jobs.find(({ jobKind, state }) => jobKind === 'index' && state.kind === 'running'));
  const state = job.run.kind === 'begun' ? job.run.state : null;
  const isRunning = job.run.kind === 'starting' || state?.kind === 'queued' || state?.kind === 'running';
  return (
    <>
      <SettingRow label={t('settings.index')} text={t('settings.index.text')}>
        <Button onPress={() => job.start(() => api.call('index.rebuild', {}))} isPending={isRunning}>
          {t('settings.index.rebuild')}
        </Button>
        <p role="status" className="settings-text">
          {state?.kind === 'running' && t('settings.index.running', { done: formatNumber(state.done) })}
          {state?.kind === 'succeeded' &&
            state.summary.kind === 'index' &&
            t('settings.index.done', { count: state.summary.messages })}
        </p>
      </SettingRow>
      {job.run.kind === 'refused' && <FormError error={job.run.error} />}
      {state?.kind === 'failed' && <FormError error={state.error} />}
    </>
  );
}
