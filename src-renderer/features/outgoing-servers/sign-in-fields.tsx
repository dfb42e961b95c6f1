import { t } from '../../i18n/index.ts';
import { useAppInfo } from '../../projection/stores.ts';
import { Select, TextField } from '../../ui/index.ts';
import type { PartProps } from './part-props.ts';
import type { OAuthForm } from './server-form.ts';

const methods = ['auto', 'plain', 'login', 'cram-md5', 'xoauth2', 'none'] as const;

/** How to sign in: method, user, and the password or token, which is never shown again. */
export function SignInFields(props: PartProps) {
  const { form, onChange, has } = props;
  return (
    <>
      <div className="servers-pair">
        <Select
          label={t('outgoing-servers.signIn')}
          options={methods.map((value) => ({
            value,
            label: t(`outgoing-servers.auth.${value}`),
            ...(value === 'auto' || value === 'none' || value === 'xoauth2'
              ? { description: t(`outgoing-servers.auth.${value}.meaning`) }
              : {}),
          }))}
          value={form.method}
          onChange={(method) => onChange({ method })}
        />
        {form.method !== 'none' && (
          <TextField
            label={t('outgoing-servers.user')}
            value={form.user}
            onChange={(user) => onChange({ user })}
            error={has('user-missing') ? t('outgoing-servers.problem.user-missing') : null}
            autoComplete="off"
            spellCheck="false"
          />
        )}
      </div>
      {form.method !== 'none' && <SecretField {...props} />}
      {form.method === 'xoauth2' && <OAuthFields {...props} />}
    </>
  );
}

function SecretField({ form, onChange, stored }: PartProps) {
  const hasSecret = stored?.hasSecret ?? false;
  const where = useAppInfo((state) => state.info?.secretsKeptIn ?? '');
  const isToken = form.method === 'xoauth2';
  const kept = isToken ? t('outgoing-servers.token.stored') : t('outgoing-servers.password.stored');
  const meaning = isToken
    ? t('outgoing-servers.token.meaning', { where })
    : t('outgoing-servers.password.none', { where });
  return (
    <TextField
      label={isToken ? t('outgoing-servers.token') : t('outgoing-servers.password')}
      description={hasSecret ? kept : meaning}
      placeholder={hasSecret ? t('outgoing-servers.password.placeholder') : undefined}
      type="password"
      value={form.password}
      onChange={(password) => onChange({ password })}
      autoComplete="new-password"
    />
  );
}

/** What turns a refresh token into access tokens. Where the sign-in is done for the user, it fills these in. */
function OAuthFields({ form, onChange, has }: PartProps) {
  const change = (patch: Partial<OAuthForm>): void => onChange({ oauth: { ...form.oauth, ...patch } });
  return (
    <fieldset className="servers-fields" aria-label={t('outgoing-servers.auth.xoauth2')}>
      <p className="servers-muted">{t('outgoing-servers.oauth.meaning')}</p>
      <div className="servers-pair">
        <TextField
          label={t('outgoing-servers.clientId')}
          value={form.oauth.clientId}
          onChange={(clientId) => change({ clientId })}
          error={has('client-id-missing') ? t('outgoing-servers.problem.client-id-missing') : null}
          spellCheck="false"
          autoComplete="off"
        />
        <TextField
          label={t('outgoing-servers.scopes')}
          value={form.oauth.scopes}
          onChange={(scopes) => change({ scopes })}
          spellCheck="false"
          autoComplete="off"
        />
      </div>
      <TextField
        label={t('outgoing-servers.tokenUrl')}
        value={form.oauth.tokenUrl}
        onChange={(tokenUrl) => change({ tokenUrl })}
        error={has('token-url-wrong') ? t('outgoing-servers.problem.token-url-wrong') : null}
        inputMode="url"
        spellCheck="false"
        autoComplete="off"
      />
    </fieldset>
  );
}
