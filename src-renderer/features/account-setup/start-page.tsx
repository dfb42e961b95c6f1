import { FlaskConical, FolderInput, Mail } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { folder } from '#shared/mail/folder.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useAccounts, useIdentities } from '../../projection/settings-parts.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Icon, type IconType, ProgressRing, showToast } from '../../ui/index.ts';
import { goTo } from './wizard-state.ts';

/** Three doors: one's own mail, a practice mailbox, mail from elsewhere. */
export function StartPage() {
  const api = useApi();
  const open = useNavigation((state) => state.open);
  const hasMail = useAccounts().length + useIdentities().length > 0;
  const [isStarting, setStarting] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const practise = (): void => {
    setStarting(true);
    setError(null);
    api
      .call('practice.setUp', {})
      .then(() => {
        open({ kind: 'mail', folder: folder.inbox });
        showToast({ text: t('account-setup.practice.ready') });
      })
      .catch(setError)
      .finally(() => setStarting(false));
  };
  return (
    <div className="wizard-start">
      <h1 className="wizard-title" tabIndex={-1}>
        {hasMail ? t('account-setup.start.title.again') : t('account-setup.start.title')}
      </h1>
      <p className="wizard-text">{t('account-setup.start.text')}</p>
      <div className="wizard-doors">
        <Door
          icon={Mail}
          title={t('account-setup.door.mail')}
          text={t('account-setup.door.mail.text')}
          onPress={() => goTo('you')}
          isMain
        />
        <Door
          icon={FlaskConical}
          title={t('account-setup.door.practice')}
          text={isStarting ? t('account-setup.practice.starting') : t('account-setup.door.practice.text')}
          onPress={practise}
          isPending={isStarting}
        />
        <Door
          icon={FolderInput}
          title={t('account-setup.door.import')}
          text={t('account-setup.door.import.text')}
          onPress={() => open({ kind: 'backup' })}
        />
      </div>
      <FormError error={error} />
    </div>
  );
}

function Door(props: {
  icon: IconType;
  title: string;
  text: string;
  onPress: () => void;
  isMain?: boolean;
  isPending?: boolean;
}) {
  return (
    <AriaButton
      className="wizard-door"
      data-main={props.isMain === true ? '' : undefined}
      onPress={props.onPress}
      isPending={props.isPending}
    >
      <span className="wizard-door-icon">
        {props.isPending === true ? (
          <ProgressRing label={null} value={null} size={20} />
        ) : (
          <Icon of={props.icon} size={20} />
        )}
      </span>
      <span className="wizard-door-title">{props.title}</span>
      <span className="wizard-door-text">{props.text}</span>
    </AriaButton>
  );
}
