import { type FormEvent, useState } from 'react';
import { MailboxText } from '#shared/mail/address.ts';
import type { Contact } from '#shared/mail/settings.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Dialog, TextField } from '../../ui/index.ts';
import { nameOf } from './contact-name.ts';
import { ContactPhoto } from './contact-photo.tsx';
import { phonesIn, phonesInWords } from './phone-words.ts';

/** Adds somebody to the address book, or changes them. */
export function ContactDialog({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const api = useApi();
  const [form, setForm] = useState(contact);
  const [phones, setPhones] = useState(phonesInWords(contact));
  const [isWrong, setWrong] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const mailbox = MailboxText.safeParse(form.mailbox);
    setWrong(!mailbox.success);
    if (!mailbox.success) return;
    setError(null);
    store({ ...form, mailbox: mailbox.data, nickname: form.nickname?.trim() || undefined, ...phonesIn(phones) })
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
        {contact.photo !== undefined && (
          <ContactPhoto
            photo={contact.photo}
            name={nameOf(contact)}
            isKept={form.photo !== undefined}
            onToggle={(isKept) => setForm({ ...form, photo: isKept ? contact.photo : undefined })}
          />
        )}
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
          label={t('settings.contact.nickname')}
          description={t('settings.contact.nickname.hint')}
          value={form.nickname ?? ''}
          onChange={(nickname) => setForm({ ...form, nickname })}
          maxLength={200}
        />
        <TextField
          label={t('settings.contact.phones')}
          description={t('settings.contact.phones.hint')}
          value={phones}
          onChange={setPhones}
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
