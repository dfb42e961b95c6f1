import { useMemo } from 'react';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { type ServerKey, serverDrafts, unborn } from './drafts.ts';
import { emptyServerForm, isSameForm, type ServerForm, toServerForm } from './server-form.ts';

/** The form of a server: what was typed, else what is stored. */
export function useServerForm(server: OutgoingServerView | null): {
  key: ServerKey;
  form: ServerForm;
  isChanged: boolean;
  change: (patch: Partial<ServerForm>) => void;
} {
  const key: ServerKey = server?.id ?? unborn;
  const stored = useMemo(() => (server === null ? emptyServerForm() : toServerForm(server)), [server]);
  const draft = serverDrafts.use(key);
  return {
    key,
    form: draft ?? stored,
    isChanged: draft !== undefined && !isSameForm(draft, stored),
    change: (patch) => serverDrafts.keep(key, { ...(serverDrafts.get(key) ?? stored), ...patch }),
  };
}

/** Whether something was typed for this server (null: a new one) that is not stored. */
export function isUnsaved(server: OutgoingServerView | null): boolean {
  const draft = serverDrafts.get(server?.id ?? unborn);
  return draft !== undefined && !isSameForm(draft, server === null ? emptyServerForm() : toServerForm(server));
}
