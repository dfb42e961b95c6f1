import { X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Identity } from '#shared/mail/identity.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useAccounts } from '../../projection/settings-parts.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, IconButton, offerUndo, Select, showToast, TextArea, TextField } from '../../ui/index.ts';
import { discardDraft, identityDrafts } from './drafts.ts';
import {
  type IdentityForm,
  type IdentityProblem,
  identityInputOf,
  identityPatchOf,
  problemsOfIdentity,
  withAddress,
} from './identity-form.ts';
import { RouteField } from './route-field.tsx';
import { UnsavedWords } from './unsaved-words.tsx';
import { useIdentityForm } from './use-identity-form.ts';

export interface IdentityEditorProps {
  /** Null: a new one. */
  identity: Identity | null;
  servers: readonly OutgoingServerView[];
  /** Shows it again, after it was closed. */
  onReopen: () => void;
  /** Closes it; what is not saved is kept. */
  onClose: () => void;
  /** Closes it with nothing left to keep. */
  onDone: () => void;
}

/** Edits an address to write from: name, signature, and the route its mail takes. */
export function IdentityEditor({ identity, servers, onReopen, onClose, onDone }: IdentityEditorProps) {
  const { key, form, isChanged, change: changeForm } = useIdentityForm(identity, servers);
  const [showsProblems, setShowsProblems] = useState(false);
  const saving = useIdentitySaving(identity, () => {
    identityDrafts.drop(key);
    onDone();
  });
  const change = (patch: Partial<IdentityForm>): void => changeForm((before) => ({ ...before, ...patch }));
  const cancel = (): void => {
    if (isChanged) discardDraft(identityDrafts, key, identity?.address ?? null, onReopen);
    else identityDrafts.drop(key);
    onDone();
  };
  const problems = showsProblems ? problemsOfIdentity(form) : [];
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setShowsProblems(true);
    if (problemsOfIdentity(form).length === 0) saving.save(form);
  };
  const title = identity?.address ?? t('outgoing-servers.identity.new');
  return (
    <section className="servers-editor" aria-label={title}>
      <header className="servers-editor-head">
        <h2>{title}</h2>
        <IconButton label={t('outgoing-servers.editor.close')} icon={X} shortcut="Esc" onPress={onClose} />
      </header>
      <form onSubmit={submit} className="servers-form" noValidate>
        <IdentityFields
          form={form}
          onChange={change}
          onAddress={(address) => changeForm((before) => withAddress(before, address, servers))}
          problems={problems}
          isNew={identity === null}
        />
        <RouteField form={form} onChange={change} servers={servers} isMissing={problems.includes('server-missing')} />
        <FormError error={saving.error} />
        <div className="servers-acts servers-bar">
          {identity !== null && (
            <Button variant="quiet" onPress={saving.remove}>
              {t('outgoing-servers.remove')}
            </Button>
          )}
          <span className="servers-space" role="status">
            {isChanged && <UnsavedWords />}
          </span>
          <Button onPress={cancel}>{t('ui.cancel')}</Button>
          <Button variant="primary" type="submit" isPending={saving.isSaving}>
            {t('outgoing-servers.save')}
          </Button>
        </div>
      </form>
    </section>
  );
}

const noAccount = 'none';

function IdentityFields(props: {
  form: IdentityForm;
  onChange: (patch: Partial<IdentityForm>) => void;
  onAddress: (address: string) => void;
  problems: readonly IdentityProblem[];
  isNew: boolean;
}) {
  const { form, onChange, onAddress, problems, isNew } = props;
  const accounts = useAccounts();
  return (
    <>
      <TextField
        label={t('outgoing-servers.identity.name')}
        description={t('outgoing-servers.identity.name.meaning')}
        value={form.displayName}
        onChange={(displayName) => onChange({ displayName })}
        autoComplete="name"
        autoFocus={isNew}
      />
      <TextField
        label={t('outgoing-servers.identity.address')}
        description={t('outgoing-servers.identity.address.meaning')}
        value={form.address}
        onChange={onAddress}
        error={problems.includes('address-wrong') ? t('outgoing-servers.identity.problem.address-wrong') : null}
        type="text"
        inputMode="email"
        spellCheck="false"
      />
      <TextField
        label={t('outgoing-servers.identity.replyTo')}
        description={t('outgoing-servers.identity.replyTo.meaning')}
        value={form.replyTo}
        onChange={(replyTo) => onChange({ replyTo })}
        error={problems.includes('reply-to-wrong') ? t('outgoing-servers.identity.problem.reply-to-wrong') : null}
        inputMode="email"
        spellCheck="false"
      />
      <TextArea
        label={t('outgoing-servers.identity.signature')}
        value={form.signature}
        onChange={(signature) => onChange({ signature })}
        rows={3}
      />
      <Select
        label={t('outgoing-servers.identity.account')}
        options={[
          { value: noAccount, label: t('outgoing-servers.identity.account.none') },
          ...accounts.map(({ id, label }) => ({ value: `${id}`, label })),
        ]}
        value={form.accountId ?? noAccount}
        onChange={(value) => onChange({ accountId: accounts.find(({ id }) => id === value)?.id ?? null })}
      />
    </>
  );
}

function useIdentitySaving(identity: Identity | null, onClose: () => void) {
  const api = useApi();
  const [error, setError] = useState<unknown>(null);
  const [isSaving, setSaving] = useState(false);
  async function store(form: IdentityForm): Promise<void> {
    const address = form.address.trim();
    if (identity === null) {
      const input = identityInputOf(form);
      if (input === null) return;
      await api.call('identity.add', input);
      showToast({ text: t('outgoing-servers.identity.added', { address }) });
    } else {
      const patch = identityPatchOf(form);
      if (patch === null) return;
      await api.call('identity.set', { id: identity.id, patch });
      showToast({ text: t('outgoing-servers.identity.saved', { address }) });
    }
    onClose();
  }
  async function remove(former: Identity): Promise<void> {
    await api.call('identity.remove', { id: former.id });
    const { id: _id, ...input } = former;
    offerUndo(t('outgoing-servers.identity.removed', { address: former.address }), () => {
      api.call('identity.add', input).catch(setError);
    });
    onClose();
  }
  const run = (act: Promise<void>): void => {
    setSaving(true);
    setError(null);
    act.catch(setError).finally(() => setSaving(false));
  };
  return {
    error,
    isSaving,
    save: (form: IdentityForm) => run(store(form)),
    remove: () => identity !== null && run(remove(identity)),
  };
}
