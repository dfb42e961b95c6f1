import type { AccountInput, IncomingAccountView, Retention } from '#shared/mail/incoming-account.ts';
import {
  type EndpointForm,
  type EndpointProblem,
  fromEndpointForm,
  problemsOfEndpoint,
  toEndpointForm,
} from '../../ui/endpoints/endpoint-form.ts';

import { fromSharedMailboxForm, type SharedMailboxForm, toSharedMailboxForm } from './shared-mailbox-form.ts';

/** An incoming account while it is edited. */
export interface AccountForm {
  readonly label: string;
  readonly endpoint: EndpointForm;
  readonly user: string;
  /** A new password; '' leaves the stored one as it is. */
  readonly password: string;
  readonly retention: Retention;
  /** 0: every message comes whole. */
  readonly maxOctets: number;
  /** 0: never. */
  readonly warnAboveOctets: number;
  readonly multidrop: SharedMailboxForm | null;
}

export type AccountProblem = EndpointProblem | 'label-missing' | 'user-missing' | 'days-wrong' | 'shared-wrong';

export function toAccountForm(account: IncomingAccountView): AccountForm {
  return {
    label: account.label,
    endpoint: toEndpointForm(account),
    user: account.user,
    password: '',
    retention: account.retention,
    maxOctets: account.maxOctets ?? 0,
    warnAboveOctets: account.warnAboveOctets ?? 0,
    multidrop: toSharedMailboxForm(account.multidrop),
  };
}

export function problemsOfAccount(form: AccountForm): AccountProblem[] {
  const problems: AccountProblem[] = [...problemsOfEndpoint(form.endpoint)];
  if (form.label.trim() === '') problems.push('label-missing');
  if (form.user.trim() === '') problems.push('user-missing');
  const { retention } = form;
  if (retention.kind === 'leave-days' && !(retention.days >= 1 && retention.days <= 3650)) problems.push('days-wrong');
  if (form.multidrop !== null && fromSharedMailboxForm(form.multidrop) === null) problems.push('shared-wrong');
  return problems;
}

/** What `account.set` takes; null while something is wrong. */
export function accountPatchOf(form: AccountForm): Record<string, unknown> | null {
  const endpoint = fromEndpointForm(form.endpoint);
  if (endpoint === null || problemsOfAccount(form).length > 0) return null;
  const { label, user, password, retention, maxOctets, warnAboveOctets, multidrop } = form;
  return {
    pinnedCertificateSha256: null,
    ...endpoint,
    label: label.trim(),
    user: user.trim(),
    retention,
    maxOctets: maxOctets === 0 ? null : maxOctets,
    warnAboveOctets: warnAboveOctets === 0 ? null : warnAboveOctets,
    multidrop: multidrop === null ? null : fromSharedMailboxForm(multidrop),
    ...(password === '' ? {} : { secret: password }),
  };
}

/** The account as it would be, for testing it before it is stored. */
export function accountInputOf(form: AccountForm, stored: IncomingAccountView): AccountInput | null {
  const endpoint = fromEndpointForm(form.endpoint);
  if (endpoint === null || problemsOfAccount(form).length > 0) return null;
  const { id: _id, hasSecret: _hasSecret, pinnedCertificateSha256: _pin, ...fields } = stored;
  return {
    ...fields,
    ...endpoint,
    user: form.user.trim(),
    ...(form.password === '' ? {} : { secret: form.password }),
  };
}
