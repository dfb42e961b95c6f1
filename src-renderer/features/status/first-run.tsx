import { FlaskConical, HardDriveDownload, MailPlus } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { folder } from '#shared/mail/folder.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useAppInfo } from '../../projection/stores.ts';
import { ErrorPanel, Icon, type IconType, ProgressRing } from '../../ui/index.ts';
import './first-run.css';

/** Nothing is set up yet: three doors. */
export function FirstRun() {
  const api = useApi();
  const open = useNavigation((state) => state.open);
  const mailFolder = useAppInfo((state) => state.info?.mailFolder ?? '');
  const [isPreparing, setPreparing] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function practise(): Promise<void> {
    setPreparing(true);
    setError(null);
    try {
      await api.call('practice.setUp', {});
      await api.call('collect.start', {});
      open({ kind: 'mail', folder: folder.inbox });
    } catch (failure) {
      setError(failure);
    } finally {
      setPreparing(false);
    }
  }

  return (
    <section className="doors" aria-label={t('status.welcomeTitle')} data-focus-home="" tabIndex={-1}>
      <div className="doors-head">
        <img className="doors-mark" src="/icon.svg" alt="" />
        <h1>{t('status.welcomeTitle')}</h1>
        <p>{t('status.welcomeText')}</p>
      </div>
      <div className="doors-list">
        <Door
          icon={MailPlus}
          title={t('status.doorSetupTitle')}
          text={t('status.doorSetupText')}
          isPrimary
          onPress={() => open({ kind: 'account-setup' })}
        />
        <Door
          icon={FlaskConical}
          title={t('status.doorPracticeTitle')}
          text={t('status.doorPracticeText')}
          isPending={isPreparing}
          onPress={() => void practise()}
        />
        <Door
          icon={HardDriveDownload}
          title={t('status.doorImportTitle')}
          text={t('status.doorImportText')}
          onPress={() => open({ kind: 'import' })}
        />
      </div>
      {error !== null && <ErrorPanel error={error} />}
      {mailFolder !== '' && <p className="doors-note">{t('status.doorsPrivate', { folder: mailFolder })}</p>}
    </section>
  );
}

function Door(props: {
  icon: IconType;
  title: string;
  text: string;
  isPrimary?: boolean;
  isPending?: boolean;
  onPress: () => void;
}) {
  return (
    <AriaButton
      className="door"
      data-primary={props.isPrimary === true ? '' : undefined}
      isPending={props.isPending === true}
      onPress={props.onPress}
    >
      {props.isPending === true ? (
        <ProgressRing label={null} value={null} size={20} />
      ) : (
        <Icon of={props.icon} size={20} />
      )}
      <strong>{props.title}</strong>
      <span>{props.text}</span>
    </AriaButton>
  );
}
