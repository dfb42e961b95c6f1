import { useState } from 'react';
import type { Address } from '#shared/mail/address.ts';
import type { Identity } from '#shared/mail/identity.ts';
import type { DraftContent } from '#shared/mail/message.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { AddressField, Banner, Button, Select, TextField } from '../../ui/index.ts';
import { domainOfAny } from './from-address.ts';
import { FromAny } from './from-any.tsx';
import { withSignatureOf } from './signature.ts';
import type { OpenDraft } from './use-draft.ts';

export interface HeaderFieldsProps {
  content: DraftContent;
  change: OpenDraft['change'];
  identities: readonly Identity[];
  focusesTo: boolean;
}

/** From, To, Cc, Bcc and the subject. Cc and Bcc appear when asked for, or when they hold somebody. */
export function HeaderFields({ content, change, identities, focusesTo }: HeaderFieldsProps) {
  const [showsCc, setShowsCc] = useState(content.cc.length > 0);
  const [showsBcc, setShowsBcc] = useState(content.bcc.length > 0);
  return (
    <div className="composer-fields">
      <FromField content={content} change={change} identities={identities}>
        {/* Here and not beside To: Tab leads from To straight on to the subject. */}
        {!showsCc && (
          <Button variant="quiet" size="small" aria-label={t('composing.add.cc')} onPress={() => setShowsCc(true)}>
            {t('composing.cc')}
          </Button>
        )}
        {!showsBcc && (
          <Button variant="quiet" size="small" aria-label={t('composing.add.bcc')} onPress={() => setShowsBcc(true)}>
            {t('composing.bcc')}
          </Button>
        )}
      </FromField>
      <Recipients
        label={t('composing.to')}
        addresses={content.to}
        onChange={(to) => change({ to })}
        autoFocus={focusesTo}
      />
      {showsCc && (
        <Recipients
          label={t('composing.cc')}
          addresses={content.cc}
          onChange={(cc) => change({ cc })}
          autoFocus={content.cc.length === 0}
        />
      )}
      {showsBcc && (
        <Recipients
          label={t('composing.bcc')}
          addresses={content.bcc}
          onChange={(bcc) => change({ bcc })}
          autoFocus={content.bcc.length === 0}
        />
      )}
      <div className="composer-field">
        <span className="composer-label" aria-hidden="true">
          {t('composing.subject')}
        </span>
        <TextField
          label={t('composing.subject')}
          isLabelHidden
          value={content.subject}
          onChange={(subject) => change({ subject: oneLine(subject) })}
          spellCheck="true"
          className="composer-subject"
        />
      </div>
    </div>
  );
}

/** A header field is one line (RFC 5322 §2.2); pasted breaks become spaces. */
function oneLine(text: string): string {
  return text.replace(/[\0-\x1f\x7f]+/gu, ' ');
}

function Recipients(props: {
  label: string;
  addresses: readonly Address[];
  onChange: (addresses: Address[]) => void;
  autoFocus: boolean;
}) {
  const api = useApi();
  return (
    <div className="composer-field">
      <span className="composer-label" aria-hidden="true">
        {props.label}
      </span>
      <div className="composer-recipients">
        <AddressField
          label={props.label}
          addresses={props.addresses}
          onChange={props.onChange}
          autoFocus={props.autoFocus}
          complete={(prefix) => api.call('contact.complete', { prefix })}
        />
      </div>
    </div>
  );
}

function FromField({
  content,
  change,
  identities,
  children,
}: Pick<HeaderFieldsProps, 'content' | 'change' | 'identities'> & { children: React.ReactNode }) {
  const open = useNavigation((state) => state.open);
  const current = identities.find(({ id }) => id === content.identityId) ?? identities[0];
  if (current === undefined)
    return (
      <Banner
        level="warning"
        actions={
          <Button size="small" onPress={() => open({ kind: 'account-setup' })}>
            {t('composing.noIdentity.act')}
          </Button>
        }
      >
        {t('composing.noIdentity')}
      </Banner>
    );
  const domain = domainOfAny(current);
  const choose = (id: Identity['id']): void => {
    const next = identities.find((identity) => identity.id === id);
    change((before) => ({
      identityId: id,
      // An address of another domain is no address of this identity.
      from: domainOfAny(next) === domainOfAny(current) ? before.from : undefined,
      text: before.html === null ? withSignatureOf(before.text, current.signature, next?.signature) : before.text,
    }));
  };
  return (
    <div className="composer-field">
      <span className="composer-label" aria-hidden="true">
        {t('composing.from')}
      </span>
      <Select
        label={t('composing.from')}
        isLabelHidden
        className="composer-from"
        options={identities.map((identity) => ({
          value: identity.id,
          label: nameAndAddress(identity),
        }))}
        value={current.id}
        onChange={choose}
      />
      {domain !== null && <FromAny domain={domain} from={content.from} onChange={(from) => change({ from })} />}
      {children}
    </div>
  );
}

/** For people, without the quotation marks a header field needs. */
function nameAndAddress({ displayName, address }: Identity): string {
  return displayName === '' ? address : `${displayName} <${address}>`;
}
