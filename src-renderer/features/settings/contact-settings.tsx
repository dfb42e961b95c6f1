import { Download, HardDriveDownload, Pencil, Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { Contact } from '#shared/mail/settings.ts';
import type { ContactFormat } from '#shared/rpc/contract.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useContacts } from '../../projection/settings-parts.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, IconButton, MenuButton, offerUndo, saveText, showToast } from '../../ui/index.ts';
import { ContactDialog } from './contact-dialog.tsx';
import { nameOf } from './contact-name.ts';
import { phonesInWords } from './phone-words.ts';

const nobody: Contact = { displayName: '', mailbox: '', note: '' };

const formats = ['vcard', 'vcard4', 'csv'] as const;
const kinds: Record<ContactFormat, { ending: string; type: string }> = {
  vcard: { ending: 'vcf', type: 'text/vcard' },
  vcard4: { ending: 'vcf', type: 'text/vcard' },
  csv: { ending: 'csv', type: 'text/csv' },
};

/** The simple address book. */
export function ContactSettings() {
  const api = useApi();
  const contacts = useContacts();
  const open = useNavigation((state) => state.open);
  const [editing, setEditing] = useState<Contact | null>(null);
  const [error, setError] = useState<unknown>(null);
  const remove = (contact: Contact): void => {
    setError(null);
    api
      .call('contact.remove', { mailbox: contact.mailbox })
      .then(() =>
        offerUndo(t('settings.contact.removed', { name: nameOf(contact) }), () => {
          api.call('contact.put', contact).catch(setError);
        }),
      )
      .catch(setError);
  };
  const save = (format: ContactFormat): void => {
    setError(null);
    api
      .call('contact.export', { format })
      .then(({ text, addresses }) => {
        const { ending, type } = kinds[format];
        saveText(text, `${t('settings.contacts.file')}.${ending}`, type);
        showToast({ text: t('settings.contacts.exported', { count: addresses }), lastsMs: 4000 });
      })
      .catch(setError);
  };
  const sorted = [...contacts].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  return (
    <div className="settings-stack">
      <p className="settings-text">
        {contacts.length === 0 ? t('settings.contacts.none') : t('settings.contacts.text')}
      </p>
      {contacts.length > 0 && (
        <ul className="settings-people" aria-label={t('settings.contacts.list')}>
          {sorted.map((contact) => (
            <li key={contact.mailbox}>
              <span className="settings-person">
                <span>{nameOf(contact)}</span>
                <span className="settings-text">
                  <bdi>{contact.mailbox}</bdi>
                  {moreOf(contact).map((more) => (
                    <span key={more}>
                      {' · '}
                      <bdi>{more}</bdi>
                    </span>
                  ))}
                </span>
              </span>
              <IconButton
                label={t('settings.contact.edit', { name: nameOf(contact) })}
                icon={Pencil}
                onPress={() => setEditing(contact)}
              />
              <IconButton
                label={t('settings.contact.remove', { name: nameOf(contact) })}
                icon={X}
                onPress={() => remove(contact)}
              />
            </li>
          ))}
        </ul>
      )}
      <FormError error={error} />
      <div className="settings-acts">
        <Button icon={Plus} onPress={() => setEditing(nobody)}>
          {t('settings.contacts.add')}
        </Button>
        <Button icon={HardDriveDownload} onPress={() => open({ kind: 'import' })}>
          {t('settings.contacts.import')}
        </Button>
        {contacts.length > 0 && (
          <MenuButton
            label={t('settings.contacts.export')}
            entries={formats.map((format) => ({
              id: format,
              label: t(`settings.contacts.export.${format}`),
              onAction: () => save(format),
            }))}
          >
            <Button icon={Download}>{t('settings.contacts.export')}</Button>
          </MenuButton>
        )}
      </div>
      {editing !== null && <ContactDialog contact={editing} onClose={() => setEditing(null)} />}
    </div>
  );
}

/** What else is known of somebody, each said once. */
function moreOf(contact: Contact): string[] {
  const { nickname = '', note } = contact;
  return [...new Set([nickname, phonesInWords(contact), note])].filter((more) => more !== '');
}
