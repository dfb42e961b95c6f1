import { t } from '../../i18n/index.ts';
import { Banner, Switch, TextField } from '../../ui/index.ts';
import type { PartProps } from './part-props.ts';
import type { ProxyForm } from './server-form.ts';

/** The SOCKS5 proxy (RFC 1928, RFC 1929) the server is reached through. */
export function ProxyFields({ form, onChange, has }: PartProps) {
  const { proxy } = form;
  const change = (patch: Partial<ProxyForm>): void => onChange({ proxy: { ...proxy, ...patch } });
  return (
    <>
      <Switch
        isSelected={proxy.isUsed}
        onChange={(isUsed) => change({ isUsed })}
        description={t('outgoing-servers.proxy.meaning')}
      >
        {t('outgoing-servers.proxy')}
      </Switch>
      {has('proxy-direct') && (
        <Banner level="error" className="servers-note">
          {t('outgoing-servers.problem.proxy-direct')}
        </Banner>
      )}
      {proxy.isUsed && (
        <div className="servers-pair">
          <TextField
            label={t('outgoing-servers.proxy.host')}
            value={proxy.host}
            onChange={(host) => change({ host })}
            error={has('proxy-host-wrong') ? t('outgoing-servers.problem.proxy-host-wrong') : null}
            placeholder="127.0.0.1"
            spellCheck="false"
            autoComplete="off"
          />
          <TextField
            label={t('outgoing-servers.proxy.port')}
            value={proxy.port}
            onChange={(port) => change({ port })}
            error={has('proxy-port-wrong') ? t('outgoing-servers.problem.proxy-port-wrong') : null}
            inputMode="numeric"
            autoComplete="off"
          />
          <TextField
            label={t('outgoing-servers.proxy.user')}
            description={t('outgoing-servers.proxy.signIn.meaning')}
            value={proxy.user}
            onChange={(user) => change({ user })}
            spellCheck="false"
            autoComplete="off"
          />
          <TextField
            label={t('outgoing-servers.proxy.password')}
            description={t('outgoing-servers.proxy.password.meaning')}
            type="password"
            value={proxy.password}
            onChange={(password) => change({ password })}
            autoComplete="new-password"
          />
        </div>
      )}
    </>
  );
}
