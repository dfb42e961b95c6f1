import { HardDriveDownload, Pencil, Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { MailboxText } from '#shared/mail/address.ts';
import type { Contact } from '#shared/mail/settings.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useContacts } from '../../projection/settings-parts.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Dialog, IconButton, offerUndo, TextField } from '../../ui/index.ts';

const nobody: Contact = { displayName: '', mailbox: '', note: '' };

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
                  {contact.note !== '' && ` · ${contact.note}`}
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
      </div>
      {editing !== null && <ContactDialog contact={editing} onClose={() => setEditing(null)} />}
    </div>
  );
}

function nameOf({ displayName, mailbox }: Contact): string {
  return displayName === '' ? mailbox : displayName;
}

function ContactDialog({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const api = useApi();
  const [form, setForm] = useState(contact);
  const [isWrong, setWrong] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const mailbox = MailboxText.safeParse(form.mailbox);
    setWrong(!mailbox.success);
    if (!mailbox.success) return;
    setError(null);
    store({ ...form, mailbox: mailbox.data })
      .then(onClose)
      .catch(setError);
  };
  async function store(next: Contact): Promise<void> {
    await api.call('contact.put', next);
    // The address is what names a person in the book: another address is another entry.
    if (contact.mailbox !== '' && contact.mailbox.toLowerCase() !== next.mailbox.toLowerCase())
      await api.call('contact.remove', { mailbox: contact.mailbox });
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={
        contact.mailbox === '' ? t('settings.contacts.add') : t('settings.contact.edit', { name: nameOf(contact) })
      }
      size="small"
    >
      <form onSubmit={submit} className="settings-form" noValidate>
        <TextField
          label={t('settings.contact.name')}
          value={form.displayName}
          onChange={(displayName) => setForm({ ...form, displayName })}
          autoFocus
        />
        <TextField
          label={t('settings.contact.mailbox')}
          value={form.mailbox}
          onChange={(mailbox) => setForm({ ...form, mailbox })}
          error={isWrong ? t('settings.contact.wrong') : null}
          inputMode="email"
          spellCheck="false"
        />
        <TextField
          label={t('settings.contact.note')}
          value={form.note}
          onChange={(note) => setForm({ ...form, note })}
          maxLength={500}
        />
        <FormError error={error} />
        <div className="settings-acts">
          <span className="settings-space" />
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button variant="primary" type="submit">
            {t('settings.contact.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
