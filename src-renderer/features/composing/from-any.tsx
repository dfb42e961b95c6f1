import { useEffect, useId, useState } from 'react';
import { folder } from '#shared/mail/folder.ts';
import type { DraftContent } from '#shared/mail/message.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { fromTyped, localPartOf, usedAddresses } from './from-address.ts';

export interface FromAnyProps {
  domain: string;
  from: DraftContent['from'];
  onChange: (from: string | undefined) => void;
}

/** Which address of a domain a message is from: typed, or one that was written from before. */
export function FromAny({ domain, from, onChange }: FromAnyProps) {
  const used = useUsedAddresses(domain);
  const listId = useId();
  return (
    <span className="composer-from-any">
      <input
        className="ui-input"
        aria-label={t('composing.fromAny', { domain })}
        placeholder={t('composing.fromAny.placeholder')}
        list={listId}
        value={localPartOf(from, domain)}
        onChange={(event) => onChange(fromTyped(event.target.value, domain))}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
      <datalist id={listId}>
        {used.map((mailbox) => (
          <option key={mailbox} value={localPartOf(mailbox, domain)}>
            {mailbox}
          </option>
        ))}
      </datalist>
      <bdi className="composer-from-domain">@{domain}</bdi>
    </span>
  );
}

/** The addresses of this domain in Sent: they need no memory of their own. */
function useUsedAddresses(domain: string): readonly string[] {
  const api = useApi();
  const [used, setUsed] = useState<readonly string[]>([]);
  useEffect(() => {
    let isOld = false;
    const query = `from:"${domain.replaceAll('"', '')}"`;
    api.call('message.search', { query, folder: folder.sent, limit: 200 }).then(
      ({ rows }) => {
        const mailboxes = rows.map((row) => row.from.mailbox);
        if (!isOld) setUsed(usedAddresses(mailboxes, domain.toLowerCase()));
      },
      // Without suggestions the address is typed.
      () => undefined,
    );
    return () => {
      isOld = true;
    };
  }, [api, domain]);
  return used;
}
