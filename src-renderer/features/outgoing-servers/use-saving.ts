import { useState } from 'react';
import type { ServerId } from '#shared/ids.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { showToast } from '../../ui/index.ts';
import type { ServerForm } from './server-form.ts';
import { serverInputOf, serverPatchOf } from './server-input.ts';

/** Stores what the form says: a new server, or changes to one. Nothing happens while something in it is wrong. */
export function useSaving(server: OutgoingServerView | null, onAdded: (id: ServerId) => void) {
  const api = useApi();
  const [error, setError] = useState<unknown>(null);
  const [isSaving, setSaving] = useState(false);
  async function store(form: ServerForm, onSaved: () => void): Promise<void> {
    if (server === null) {
      const input = serverInputOf(form);
      if (input === null) return;
      const { id } = await api.call('server.add', input);
      showToast({ text: t('outgoing-servers.added', { server: input.label }) });
      onSaved();
      onAdded(id);
      return;
    }
    const patch = serverPatchOf(form);
    if (patch === null) return;
    const stored = await api.call('server.set', { id: server.id, patch });
    showToast({ text: t('outgoing-servers.saved', { server: stored.label }) });
    onSaved();
  }
  return {
    error,
    isSaving,
    save: (form: ServerForm, onSaved: () => void): void => {
      setSaving(true);
      setError(null);
      store(form, onSaved)
        .catch(setError)
        .finally(() => setSaving(false));
    },
  };
}
