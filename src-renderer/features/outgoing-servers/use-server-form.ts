import { useMemo } from 'react';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { type DraftKey, keepDraft, newServer, useServerDrafts } from './drafts.ts';
import { emptyServerForm, isSameForm, type ServerForm, toServerForm } from './server-form.ts';

/** The form of a server: what was typed, else what is stored. */
export function useServerForm(server: OutgoingServerView | null): {
  key: DraftKey;
  form: ServerForm;
  isChanged: boolean;
  change: (patch: Partial<ServerForm>) => void;
} {
  const key: DraftKey = server?.id ?? newServer;
  const stored = useMemo(() => (server === null ? emptyServerForm() : toServerForm(server)), [server]);
  const draft = useServerDrafts((state) => state.byKey[key]);
  return {
    key,
    form: draft ?? stored,
    isChanged: draft !== undefined && !isSameForm(draft, stored),
    change: (patch) => keepDraft(key, { ...(useServerDrafts.getState().byKey[key] ?? stored), ...patch }),
  };
}

/** Whether something was typed for this server (null: a new one) that is not stored. */
export function isUnsaved(server: OutgoingServerView | null): boolean {
  const draft = useServerDrafts.getState().byKey[server?.id ?? newServer];
  return draft !== undefined && !isSameForm(draft, server === null ? emptyServerForm() : toServerForm(server));
}
