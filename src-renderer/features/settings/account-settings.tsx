import { Plus } from 'lucide-react';
import { useState } from 'react';
import { endpointName } from '#shared/mail/endpoint.ts';
import type { IncomingAccountView, Retention } from '#shared/mail/incoming-account.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, NumberField } from '../../ui/index.ts';
import { AccountEditor } from './account-editor.tsx';
import type { SettingsSection } from './sections.ts';
import { SettingRow } from './setting-row.tsx';

/** Where mail is collected: each account with what becomes of its mail on the server. */
export function accountsSection(accounts: readonly IncomingAccountView[]): SettingsSection {
  return {
    id: 'accounts',
    settings: [
      ...accounts.map((account) => ({
        id: account.id,
        words: [
          account.label,
          account.user,
          account.host,
          t('settings.account.password'),
          t('collecting.account.large'),
          t('collecting.account.warn'),
          t('collecting.look.title'),
        ],
        node: <AccountRow account={account} />,
      })),
      { id: 'add-account', words: [t('settings.accounts.add')], node: <AddAccount isFirst={accounts.length === 0} /> },
    ],
  };
}

function AccountRow({ account }: { account: IncomingAccountView }) {
  const open = useNavigation((state) => state.open);
  const [isEditing, setEditing] = useState(false);
  if (isEditing) return <AccountEditor account={account} onClose={() => setEditing(false)} />;
  return (
    <SettingRow
      label={account.label}
      text={
        <>
          <bdi>{t('settings.account.at', { user: account.user, server: endpointName(account) })}</bdi>
          <br />
          {retentionInWords(account.retention)}
        </>
      }
    >
      <div className="settings-account-acts">
        <Button
          variant="quiet"
          aria-label={t('collecting.look.open.of', { label: account.label })}
          onPress={() => open({ kind: 'look-first', accountId: account.id })}
        >
          {t('collecting.look.open')}
        </Button>
        <Button
          data-focus-back=""
          aria-label={t('settings.account.edit.of', { label: account.label })}
          onPress={() => setEditing(true)}
        >
          {t('settings.account.edit')}
        </Button>
      </div>
    </SettingRow>
  );
}

function retentionInWords(retention: Retention): string {
  return retention.kind === 'leave-days'
    ? t('settings.retention.leave-days', { count: retention.days })
    : t(`settings.retention.${retention.kind}`);
}

function AddAccount({ isFirst }: { isFirst: boolean }) {
  const open = useNavigation((state) => state.open);
  return (
    <div className="settings-add">
      {isFirst && <p className="settings-text">{t('settings.accounts.none')}</p>}
      <Button icon={Plus} onPress={() => open({ kind: 'account-setup' })}>
        {t('settings.accounts.add')}
      </Button>
    </div>
  );
}

/** How often each account is looked at. */
export function everySettings(accounts: readonly IncomingAccountView[]): SettingsSection['settings'] {
  return accounts.map((account) => ({
    id: `every-${account.id}`,
    words: [t('settings.every', { label: account.label }), t('settings.every.text')],
    node: <Every account={account} />,
  }));
}

function Every({ account }: { account: IncomingAccountView }) {
  const api = useApi();
  const [error, setError] = useState<unknown>(null);
  const label = t('settings.every', { label: account.label });
  return (
    <>
      <SettingRow label={label} text={t('settings.every.text')}>
        <NumberField
          label={label}
          isLabelHidden
          value={account.checkEveryMinutes}
          onChange={(checkEveryMinutes) => {
            setError(null);
            api.call('account.set', { id: account.id, patch: { checkEveryMinutes } }).catch(setError);
          }}
          minValue={0}
          maxValue={1440}
          unit={t('settings.minutes')}
        />
      </SettingRow>
      <FormError error={error} />
    </>
  );
}
