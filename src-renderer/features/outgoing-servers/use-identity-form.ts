import { useMemo } from 'react';
import type { Identity } from '#shared/mail/identity.ts';
import type { OutgoingServerView } from '#shared/mail/outgoing-server.ts';
import { type IdentityKey, identityDrafts, unborn } from './drafts.ts';
import { type IdentityForm, toIdentityForm } from './identity-form.ts';

/** The form of an identity: what was typed, else what is stored. */
export function useIdentityForm(identity: Identity | null, servers: readonly OutgoingServerView[]) {
  const key: IdentityKey = identity?.id ?? unborn;
  const stored = useMemo(() => toIdentityForm(identity, servers), [identity, servers]);
  const draft = identityDrafts.use(key);
  return {
    key,
    form: draft ?? stored,
    isChanged: draft !== undefined && isOther(draft, stored),
    change: (next: (before: IdentityForm) => IdentityForm): void =>
      identityDrafts.keep(key, next(identityDrafts.get(key) ?? stored)),
  };
}

/** Whether something was typed for this identity (null: a new one) that is not stored. */
export function isIdentityUnsaved(identity: Identity | null, servers: readonly OutgoingServerView[]): boolean {
  const draft = identityDrafts.get(identity?.id ?? unborn);
  return draft !== undefined && isOther(draft, toIdentityForm(identity, servers));
}

function isOther(one: IdentityForm, other: IdentityForm): boolean {
  const plain = ({ isRouteChosen: _how, ...said }: IdentityForm): string => JSON.stringify(said);
  return plain(one) !== plain(other);
}
