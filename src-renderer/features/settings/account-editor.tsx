import { type FormEvent, useState } from 'react';
import type { IncomingAccountView } from '#shared/mail/incoming-account.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useAppInfo } from '../../projection/stores.ts';
import { CheckButtons } from '../../ui/checks/check-buttons.tsx';
import { CheckView } from '../../ui/checks/check-view.tsx';
import { useCheck } from '../../ui/checks/use-check.ts';
import { EndpointFields } from '../../ui/endpoints/endpoint-fields.tsx';
import { toEndpointForm } from '../../ui/endpoints/endpoint-form.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Dialog, showToast, TextField } from '../../ui/index.ts';
import { RetentionField } from '../../ui/retention-field.tsx';
import { type AccountForm, accountInputOf, accountPatchOf, problemsOfAccount, toAccountForm } from './account-form.ts';
import { CollectingFields } from './collecting-fields.tsx';

/** Edits an incoming account in its place on the page. */
export function AccountEditor({ account, onClose }: { account: IncomingAccountView; onClose: () => void }) {
  const api = useApi();
  const [form, setForm] = useState<AccountForm>(() => toAccountForm(account));
  const [showsProblems, setShowsProblems] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const change = (patch: Partial<AccountForm>): void => setForm((before) => ({ ...before, ...patch }));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setShowsProblems(true);
    const patch = accountPatchOf(form);
    if (patch === null) return;
    setSaving(true);
    setError(null);
    api
      .call('account.set', { id: account.id, patch })
      .then(({ label }) => {
        showToast({ text: t('settings.account.saved', { label }) });
        onClose();
      })
      .catch(setError)
      .finally(() => setSaving(false));
  };
  return (
    <section
      className="settings-editor"
      aria-label={account.label}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <form onSubmit={submit} className="settings-form" noValidate>
        <AccountFields form={form} onChange={change} showsProblems={showsProblems} hasSecret={account.hasSecret} />
        <FormError error={error} />
        <div className="settings-acts">
          <RemoveAccount account={account} />
          <span className="settings-space" />
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button variant="primary" type="submit" isPending={isSaving}>
            {t('ui.save')}
          </Button>
        </div>
      </form>
      <AccountTest form={form} account={account} onChange={change} onShowProblems={() => setShowsProblems(true)} />
    </section>
  );
}

function AccountFields(props: {
  form: AccountForm;
  onChange: (patch: Partial<AccountForm>) => void;
  showsProblems: boolean;
  hasSecret: boolean;
}) {
  const { form, onChange, showsProblems, hasSecret } = props;
  const keptIn = useAppInfo((state) => state.info?.secretsKeptIn ?? '');
  const problems = showsProblems ? problemsOfAccount(form) : [];
  return (
    <>
      <TextField
        label={t('settings.account.label')}
        value={form.label}
        onChange={(label) => onChange({ label })}
        error={problems.includes('label-missing') ? t('settings.account.label-missing') : null}
        autoFocus
      />
      <EndpointFields
        protocol="pop3"
        form={form.endpoint}
        onChange={(endpoint) => onChange({ endpoint })}
        showsProblems={showsProblems}
      />
      <div className="settings-pair">
        <TextField
          label={t('settings.account.user')}
          value={form.user}
          onChange={(user) => onChange({ user })}
          error={problems.includes('user-missing') ? t('settings.account.user-missing') : null}
          autoComplete="off"
          spellCheck="false"
        />
        <TextField
          label={t('settings.account.password')}
          type="password"
          value={form.password}
          onChange={(password) => onChange({ password })}
          placeholder={hasSecret ? t('settings.account.password.placeholder') : undefined}
          description={
            hasSecret ? t('settings.account.password.stored') : t('settings.account.password.none', { where: keptIn })
          }
          autoComplete="new-password"
        />
      </div>
      <RetentionField
        retention={form.retention}
        onChange={(retention) => onChange({ retention })}
        error={problems.includes('days-wrong') ? t('settings.account.days-wrong') : null}
      />
      <CollectingFields form={form} onChange={onChange} showsProblems={showsProblems} />
    </>
  );
}

function AccountTest(props: {
  form: AccountForm;
  account: IncomingAccountView;
  onChange: (patch: Partial<AccountForm>) => void;
  onShowProblems: () => void;
}) {
  const { form, account, onChange, onShowProblems } = props;
  const check = useCheck();
  const start = (): void => {
    const input = accountInputOf(form, account);
    if (input === null) onShowProblems();
    else check.start({ kind: 'account', params: { account: input, accountId: account.id } });
  };
  return (
    <div className="settings-form">
      <div className="settings-acts">
        <CheckButtons run={check.run} onStart={start} onStop={check.stop} />
      </div>
      <CheckView
        protocol="pop3"
        run={check.run}
        onUse={(endpoint) => onChange({ endpoint: toEndpointForm(endpoint) })}
        onPin={(_endpoint, sha256) => onChange({ endpoint: { ...form.endpoint, pinnedCertificateSha256: sha256 } })}
      />
    </div>
  );
}

function RemoveAccount({ account }: { account: IncomingAccountView }) {
  const api = useApi();
  const [isAsking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const remove = (): void => {
    setError(null);
    api
      .call('account.remove', { id: account.id })
      .then(() => showToast({ text: t('settings.account.removed', { label: account.label }) }))
      .catch(setError);
  };
  return (
    <>
      <Button variant="quiet" onPress={() => setAsking(true)}>
        {t('settings.account.remove')}
      </Button>
      <Dialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={t('settings.account.remove.title', { label: account.label })}
        role="alertdialog"
        size="small"
        actions={
          <>
            <Button onPress={() => setAsking(false)} autoFocus>
              {t('ui.cancel')}
            </Button>
            <Button variant="danger" onPress={remove}>
              {t('settings.account.remove.act', { label: account.label })}
            </Button>
          </>
        }
      >
        <p>{t('settings.account.remove.text')}</p>
        <FormError error={error} />
      </Dialog>
    </>
  );
}
