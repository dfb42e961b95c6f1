import type { SourceAccount } from '#shared/mail/mail-source.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useSettings } from '../../projection/stores.ts';
import { Button, Section } from '../../ui/index.ts';
import { useImport } from './import-state.ts';

/** Accounts the other program was set up with and that are not here yet: a button begins their set-up, filled in. */
export function Accounts() {
  const open = useNavigation((state) => state.open);
  const accounts = useImport((state) => state.accounts);
  const identities = useSettings((state) => state.settings?.identities);
  const known = new Set(identities?.map(({ address }) => address.toLowerCase()));
  const missing = accounts.filter(({ address }) => !known.has(address.toLowerCase()));
  if (missing.length === 0) return null;
  return (
    <Section title={t('importing.accounts.title')} description={t('importing.accounts.text')}>
      <ul className="importing-went">
        {missing.map((account) => (
          <li key={account.address} className="importing-account">
            <span className="importing-row-name">
              <bdi>{account.address}</bdi>
              <span className="importing-muted">{wordsOf(account)}</span>
            </span>
            <Button
              size="small"
              aria-label={t('importing.accounts.setUp', { address: account.address })}
              onPress={() => open({ kind: 'account-setup', from: account })}
            >
              {t('importing.accounts.setUpShort')}
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function wordsOf({ incoming, outgoing }: SourceAccount): string {
  if (incoming === null) return t('importing.accounts.imap');
  return outgoing === null
    ? t('importing.accounts.collects', { from: incoming.host })
    : t('importing.accounts.both', { from: incoming.host, by: outgoing.host });
}
