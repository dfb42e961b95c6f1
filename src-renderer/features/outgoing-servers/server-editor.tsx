import { X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { ServerId } from '#shared/ids.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { CheckButtons } from '../../ui/checks/check-buttons.tsx';
import { CheckView } from '../../ui/checks/check-view.tsx';
import { useCheck } from '../../ui/checks/use-check.ts';
import { toEndpointForm } from '../../ui/endpoints/endpoint-form.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, IconButton, showToast } from '../../ui/index.ts';
import { RemoveServer } from './remove-server.tsx';
import { ServerFields } from './server-fields.tsx';
import { emptyServerForm, type ServerForm, serverInputOf, serverPatchOf, toServerForm } from './server-form.ts';
import { ServerMemory, ServerUsers } from './server-memory.tsx';

export interface ServerEditorProps {
  /** Null: a new one. */
  server: OutgoingServerView | null;
  onClose: () => void;
  onAdded: (id: ServerId) => void;
}

/** Edits one outgoing server, tests it live, and shows who uses it and what is remembered about it. */
export function ServerEditor({ server, onClose, onAdded }: ServerEditorProps) {
  const [form, setForm] = useState<ServerForm>(() => (server === null ? emptyServerForm() : toServerForm(server)));
  const [showsProblems, setShowsProblems] = useState(false);
  const saving = useSaving(server, onAdded);
  const change = (patch: Partial<ServerForm>): void => setForm((before) => ({ ...before, ...patch }));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setShowsProblems(true);
    saving.save(form, () => {
      setShowsProblems(false);
      change({ password: '' });
    });
  };
  const title = server?.label ?? t('outgoing-servers.editor.new');
  return (
    <section className="servers-editor" aria-label={title}>
      <header className="servers-editor-head">
        <h2>{title}</h2>
        <IconButton label={t('outgoing-servers.editor.close')} icon={X} shortcut="Esc" onPress={onClose} />
      </header>
      <form onSubmit={submit} className="servers-form" noValidate>
        <ServerFields
          form={form}
          onChange={change}
          showsProblems={showsProblems}
          hasSecret={server?.hasSecret ?? false}
        />
        <FormError error={saving.error} />
        <div className="servers-acts">
          {server !== null && <RemoveServer server={server} onRemoved={onClose} />}
          <span className="servers-space" />
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button variant="primary" type="submit" isPending={saving.isSaving}>
            {t('outgoing-servers.save')}
          </Button>
        </div>
      </form>
      <ServerTest form={form} server={server} onChange={change} onShowProblems={() => setShowsProblems(true)} />
      {server !== null && (
        <>
          <ServerUsers server={server} />
          <ServerMemory server={server} />
        </>
      )}
    </section>
  );
}

function useSaving(server: OutgoingServerView | null, onAdded: (id: ServerId) => void) {
  const api = useApi();
  const [error, setError] = useState<unknown>(null);
  const [isSaving, setSaving] = useState(false);
  async function store(form: ServerForm): Promise<void> {
    if (server === null) {
      const input = serverInputOf(form);
      if (input === null) return;
      const { id } = await api.call('server.add', input);
      showToast({ text: t('outgoing-servers.added', { server: input.label }) });
      onAdded(id);
      return;
    }
    const patch = serverPatchOf(form);
    if (patch === null) return;
    const stored = await api.call('server.set', { id: server.id, patch });
    showToast({ text: t('outgoing-servers.saved', { server: stored.label }) });
  }
  return {
    error,
    isSaving,
    save: (form: ServerForm, onSaved: () => void): void => {
      if (serverInputOf(form) === null) return;
      setSaving(true);
      setError(null);
      store(form)
        .then(onSaved)
        .catch(setError)
        .finally(() => setSaving(false));
    },
  };
}

/** Tests what stands in the form, stored or not, with the stages live. */
function ServerTest(props: {
  form: ServerForm;
  server: OutgoingServerView | null;
  onChange: (patch: Partial<ServerForm>) => void;
  onShowProblems: () => void;
}) {
  const { form, server, onChange, onShowProblems } = props;
  const check = useCheck();
  const start = (): void => {
    const input = serverInputOf(form.label.trim() === '' ? { ...form, label: form.endpoints[0]?.host ?? '' } : form);
    if (input === null) onShowProblems();
    else check.start({ kind: 'server', params: { server: input, serverId: server?.id } });
  };
  return (
    <div className="servers-test">
      <div className="servers-acts">
        <CheckButtons run={check.run} onStart={start} onStop={check.stop} />
      </div>
      <CheckView
        protocol="submission"
        run={check.run}
        onUse={(endpoint, instead) => {
          const others = form.endpoints.filter(
            ({ host, port }) => !(host === instead.host && port === String(instead.port)),
          );
          onChange({ endpoints: [toEndpointForm(endpoint), ...others] });
        }}
        onPin={(endpoint, sha256) =>
          onChange({
            endpoints: form.endpoints.map((row) =>
              row.host === endpoint.host && row.port === String(endpoint.port)
                ? { ...row, pinnedCertificateSha256: sha256 }
                : row,
            ),
          })
        }
      />
    </div>
  );
}
