import {
  AtSign,
  ChevronDown,
  ChevronUp,
  Copy,
  Info,
  PenLine,
  Search,
  TriangleAlert,
  UserCheck,
  UserPlus,
} from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import type { Address } from '#shared/mail/address.ts';
import type { ParsedMessage } from '#shared/mail/message.ts';
import { useApi } from '../../api.ts';
import { errorText, formatDateFull, formatDateTime, formatSize, t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useSearchQuery } from '../../projection/search-query.ts';
import { useSettings } from '../../projection/stores.ts';
import { Button, Icon, IconButton, MenuButton, type MenuEntry, showToast } from '../../ui/index.ts';
import { LeaveList } from './leave-list.tsx';
import { trustLines } from './trust.ts';

const fewRecipients = 4;

/** Subject, people and date; everything else on demand. */
export function MessageHead({ message }: { message: ParsedMessage }) {
  const [showsAll, setShowsAll] = useState(false);
  const recipients = [...message.to, ...message.cc];
  return (
    <header className="reading-head">
      <h2 className="reading-subject" dir="auto">
        {message.subject === '' ? t('messages.noSubject') : message.subject}
      </h2>
      <div className="reading-people">
        <div className="reading-line-from">
          {message.from.map((address) => (
            <Person key={address.mailbox} address={address} isSender />
          ))}
          {message.from.length === 0 && <span className="reading-muted">{t('messages.nobody')}</span>}
          <LeaveList message={message} />
          <time className="reading-date" dateTime={message.date} title={formatDateFull(message.date)}>
            {formatDateTime(message.date)}
          </time>
          <IconButton
            label={t(showsAll ? 'reading.hideDetails' : 'reading.showDetails')}
            icon={showsAll ? ChevronUp : ChevronDown}
            size="small"
            aria-expanded={showsAll}
            onPress={() => setShowsAll(!showsAll)}
          />
        </div>
        {!showsAll && recipients.length > 0 && (
          <div className="reading-line-to">
            <span className="reading-muted">{t('reading.to')}</span>
            {recipients.slice(0, fewRecipients).map((address, index) => (
              <Person key={`${address.mailbox}-${index < message.to.length ? 'to' : 'cc'}`} address={address} />
            ))}
            {recipients.length > fewRecipients && (
              <Button variant="link" onPress={() => setShowsAll(true)}>
                {t('reading.more', { count: recipients.length - fewRecipients })}
              </Button>
            )}
          </div>
        )}
        {showsAll && <AllFields message={message} />}
      </div>
      {trustLines(message).map(({ level, text }) => (
        <p key={text} className="reading-trust" data-level={level}>
          <Icon of={level === 'warning' ? TriangleAlert : Info} />
          {text}
        </p>
      ))}
    </header>
  );
}

function AllFields({ message }: { message: ParsedMessage }) {
  const people = [
    { name: t('reading.to'), addresses: message.to },
    { name: t('reading.cc'), addresses: message.cc },
    { name: t('reading.bcc'), addresses: message.bcc },
    { name: t('reading.replyTo'), addresses: message.replyTo },
    { name: t('reading.sender'), addresses: message.sender },
  ].filter(({ addresses }) => addresses.length > 0);
  const facts = [
    { name: t('reading.date'), text: formatDateFull(message.date) },
    { name: t('reading.messageId'), text: message.messageId },
    { name: t('reading.size'), text: formatSize(message.sizeOctets) },
  ].filter(({ text }) => text !== '');
  return (
    <dl className="reading-fields">
      {people.map(({ name, addresses }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {unique(addresses).map((address) => (
              <Person key={address.mailbox} address={address} />
            ))}
          </dd>
        </div>
      ))}
      {facts.map(({ name, text }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="reading-fact">{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function unique(addresses: readonly Address[]): Address[] {
  return [...new Map(addresses.map((address) => [address.mailbox, address])).values()];
}

/** A person as a chip; its menu writes, copies, remembers, finds. */
export function Person({ address, isSender }: { address: Address; isSender?: boolean }) {
  const api = useApi();
  const compose = useNavigation((state) => state.compose);
  const isKnown = useSettings(
    (state) =>
      state.settings?.contacts.some((contact) => contact.mailbox.toLowerCase() === address.mailbox.toLowerCase()) ??
      false,
  );
  const name = address.displayName.trim() || address.mailbox;
  const addContact = async (): Promise<void> => {
    try {
      await api.call('contact.put', { displayName: address.displayName.trim(), mailbox: address.mailbox });
      showToast({ text: t('reading.contactAdded', { who: name }), lastsMs: 4000 });
    } catch (error) {
      showToast({ text: errorText(error).headline });
    }
  };
  const entries: MenuEntry[] = [
    {
      id: 'write',
      label: t('reading.writeTo', { who: name }),
      icon: PenLine,
      onAction: () => compose({ kind: 'new', mailto: `mailto:${encodeURIComponent(address.mailbox)}` }),
    },
    {
      id: 'copy',
      label: t('reading.copyAddress'),
      icon: Copy,
      onAction: () =>
        void navigator.clipboard
          .writeText(address.mailbox)
          .then(() => showToast({ text: t('reading.copied'), lastsMs: 3000 })),
    },
    {
      id: 'contact',
      label: t(isKnown ? 'reading.inAddressBook' : 'reading.addContact'),
      icon: isKnown ? UserCheck : UserPlus,
      isDisabled: isKnown,
      onAction: () => void addContact(),
    },
    {
      id: 'find',
      label: t('reading.searchFrom', { who: name }),
      icon: Search,
      onAction: () => useSearchQuery.setState({ query: address.mailbox, isEverywhere: true }),
    },
  ];
  return (
    <MenuButton label={address.mailbox} entries={entries}>
      <AriaButton className="reading-person" data-sender={isSender === true ? '' : undefined}>
        {isSender === true && <Icon of={AtSign} />}
        <bdi>{name}</bdi>
        {address.displayName.trim() !== '' && isSender === true && (
          <bdi className="reading-muted">{address.mailbox}</bdi>
        )}
      </AriaButton>
    </MenuButton>
  );
}
