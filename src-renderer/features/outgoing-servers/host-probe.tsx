import { Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { CheckView } from '../../ui/checks/check-view.tsx';
import { useCheck } from '../../ui/checks/use-check.ts';
import { Button, TextField } from '../../ui/index.ts';
import { discardDraft, serverDrafts, setAdding, unborn } from './drafts.ts';
import { type ProbeForm, probeOf, problemsOfProbe, serverFromProbe } from './probe-form.ts';
import { isUnsaved } from './use-server-form.ts';

/** Looks at any mail host from here, set up or not. */
export function HostProbe() {
  const check = useCheck();
  const [form, setForm] = useState<ProbeForm>({ host: '', ports: '' });
  const [showsProblems, setShowsProblems] = useState(false);
  const problems = showsProblems ? problemsOfProbe(form) : [];
  const isRunning = check.run.kind === 'running';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const params = probeOf(form);
    setShowsProblems(params === null);
    if (params !== null) check.start({ kind: 'host', params });
  };
  return (
    <div className="servers-probe">
      <p className="servers-muted">{t('outgoing-servers.probe.description')}</p>
      <form onSubmit={submit} className="servers-probe-form" noValidate>
        <TextField
          label={t('outgoing-servers.probe.host')}
          description={t('outgoing-servers.probe.host.meaning')}
          value={form.host}
          onChange={(host) => setForm({ ...form, host })}
          error={problems.includes('host-wrong') ? t('outgoing-servers.probe.host.wrong') : null}
          autoComplete="off"
          spellCheck="false"
          autoFocus
        />
        <TextField
          label={t('outgoing-servers.probe.ports')}
          description={t('outgoing-servers.probe.ports.meaning')}
          value={form.ports}
          onChange={(ports) => setForm({ ...form, ports })}
          error={problems.includes('ports-wrong') ? t('outgoing-servers.probe.ports.wrong') : null}
          autoComplete="off"
        />
        <div className="servers-acts servers-probe-acts">
          <Button type="submit" variant="primary" isPending={isRunning}>
            {t('outgoing-servers.probe.act')}
          </Button>
          {isRunning && (
            <Button variant="quiet" onPress={check.stop}>
              {t('delivery.check.stop')}
            </Button>
          )}
        </div>
      </form>
      <CheckView protocol="submission" run={check.run} />
      {check.run.kind === 'done' && <AddProbed endpoints={check.run.endpoints} />}
    </div>
  );
}

/** Takes what answered into the editor of a new server. */
function AddProbed({ endpoints }: { endpoints: Parameters<typeof serverFromProbe>[0] }) {
  const open = useNavigation((state) => state.open);
  const form = serverFromProbe(endpoints);
  if (form === null) return null;
  return (
    <div>
      <Button
        icon={Plus}
        onPress={() => {
          // Whatever was begun before can be had back.
          if (isUnsaved(null)) discardDraft(serverDrafts, unborn, null, () => setAdding(true));
          serverDrafts.keep(unborn, form);
          setAdding(true);
          open({ kind: 'outgoing-servers' });
        }}
      >
        {t('outgoing-servers.probe.add')}
      </Button>
    </div>
  );
}
