import type { AccountId, ServerId } from '#shared/ids.ts';
import { domainOf, MailboxText } from '#shared/mail/address.ts';
import { usualLargeOctets } from '#shared/mail/beginning.ts';
import type { Endpoint } from '#shared/mail/endpoint.ts';
import type { IdentityInput, Route } from '#shared/mail/identity.ts';
import type { AccountInput, Retention } from '#shared/mail/incoming-account.ts';
import type { SourceAccount } from '#shared/mail/mail-source.ts';
import type { ServerInput, SubmissionAuthMethod } from '#shared/mail/outgoing-server.ts';
import type { SetupProposal } from '#shared/mail/setup.ts';
import {
  type EndpointForm,
  type EndpointProblem,
  emptyEndpoint,
  fromEndpointForm,
  problemsOfEndpoint,
  toEndpointForm,
} from '../../ui/endpoints/endpoint-form.ts';

/** What this account is for. */
export type Purpose = 'both' | 'receive-only' | 'send-only';

export interface IncomingAnswers {
  readonly endpoint: EndpointForm;
  readonly user: string;
  readonly password: string;
  readonly retention: Retention;
}

export interface OutgoingAnswers {
  /** Tells the servers of this wizard apart; never stored. */
  readonly rowId: string;
  readonly label: string;
  readonly endpoints: readonly EndpointForm[];
  readonly method: SubmissionAuthMethod;
  /** Sign in with the user and password of the incoming account. */
  readonly sharesIncoming: boolean;
  readonly user: string;
  readonly password: string;
}

/** Everything typed into the wizard, kept whole whichever page is on view. */
export interface Answers {
  readonly purpose: Purpose;
  readonly displayName: string;
  readonly address: string;
  readonly incoming: IncomingAnswers;
  readonly outgoing: readonly OutgoingAnswers[];
  /** Servers already set up that this address may use too, before the new ones. */
  readonly existingServerIds: readonly ServerId[];
  readonly proposal: SetupProposal | null;
}

export type Problem =
  | EndpointProblem
  | 'address-missing'
  | 'address-wrong'
  | 'user-missing'
  | 'outgoing-missing'
  | 'days-wrong';

let serverRows = 0;

export function emptyOutgoing(label = '', endpoints: EndpointForm[] = [emptyEndpoint('submission')]): OutgoingAnswers {
  serverRows += 1;
  const rowId = `server-${serverRows}`;
  return { rowId, label, endpoints, method: 'auto', sharesIncoming: true, user: '', password: '' };
}

export function emptyAnswers(): Answers {
  return {
    purpose: 'both',
    displayName: '',
    address: '',
    incoming: { endpoint: emptyEndpoint('pop3'), user: '', password: '', retention: { kind: 'leave' } },
    outgoing: [emptyOutgoing()],
    existingServerIds: [],
    proposal: null,
  };
}

/** What another program's account tells, filled in; passwords are never among it. */
export function answersFrom({ displayName, address, incoming, outgoing }: SourceAccount): Answers {
  const answers = { ...emptyAnswers(), displayName, address };
  const server = outgoing === null ? null : emptyOutgoing(outgoing.host, [toEndpointForm(outgoing)]);
  const hasOwnUser = outgoing !== null && outgoing.user !== '' && outgoing.user !== incoming?.user;
  return {
    ...answers,
    incoming:
      incoming === null
        ? answers.incoming
        : { ...answers.incoming, endpoint: toEndpointForm(incoming), user: incoming.user },
    outgoing:
      server === null
        ? answers.outgoing
        : [{ ...server, sharesIncoming: !hasOwnUser, user: hasOwnUser ? outgoing.user : '' }],
  };
}

/**
 * Fills in what was found, only where the user has not typed something of their own: a field is theirs when it is neither
 * empty nor what the last proposal put there.
 */
export function withProposal(answers: Answers, proposal: SetupProposal): Answers {
  const before = answers.proposal;
  const incoming = { ...answers.incoming };
  const found = proposal.incoming[0];
  if (found !== undefined && isStill(incoming.endpoint, before?.incoming ?? []))
    incoming.endpoint = toEndpointForm(found);
  if (incoming.user === '' || incoming.user === before?.user) incoming.user = proposal.user;
  return { ...answers, proposal, incoming, outgoing: proposedOutgoing(answers, proposal) };
}

function proposedOutgoing(answers: Answers, proposal: SetupProposal): readonly OutgoingAnswers[] {
  const [first, ...others] = answers.outgoing;
  const found = endpointsOfFirstHost(proposal.outgoing);
  const isTheirs =
    others.length > 0 ||
    (first !== undefined && !first.endpoints.every((row) => isStill(row, answers.proposal?.outgoing ?? [])));
  if (first === undefined || isTheirs || found.length === 0) return answers.outgoing;
  const before = answers.proposal;
  const label =
    first.label === '' || (before !== null && first.label === labelFor(before)) ? labelFor(proposal) : first.label;
  return [{ ...first, label, endpoints: found.map(toEndpointForm) }];
}

function isStill(form: EndpointForm, proposed: readonly Endpoint[]): boolean {
  return (
    form.host === '' ||
    proposed.some(
      ({ host, port, security }) => host === form.host && String(port) === form.port && security === form.security,
    )
  );
}

/** The candidates of the likeliest host are one server's ports; other hosts are other guesses, offered apart. */
function endpointsOfFirstHost(endpoints: readonly Endpoint[]): Endpoint[] {
  const host = endpoints[0]?.host;
  return endpoints.filter((endpoint) => endpoint.host === host);
}

/** One endpoint of each other host: "try instead". */
export function otherHosts(endpoints: readonly Endpoint[], current: string): Endpoint[] {
  const seen = new Set([current]);
  return endpoints.filter(({ host }) => !seen.has(host) && seen.add(host));
}

function labelFor(proposal: SetupProposal): string {
  return proposal.providerName ?? proposal.domain;
}

/** What stands in the way of leaving the page with name and address. */
export function problemsOfYou(answers: Answers): Problem[] {
  if (answers.address.trim() === '') return ['address-missing'];
  return MailboxText.safeParse(answers.address).success ? [] : ['address-wrong'];
}

export function problemsOfIncoming({ incoming }: Answers): Problem[] {
  const problems: Problem[] = [...problemsOfEndpoint(incoming.endpoint)];
  if (incoming.user.trim() === '') problems.push('user-missing');
  if (incoming.retention.kind === 'leave-days' && !isDays(incoming.retention.days)) problems.push('days-wrong');
  return problems;
}

function isDays(days: number): boolean {
  return Number.isInteger(days) && days >= 1 && days <= 3650;
}

export function problemsOfOutgoing(answers: Answers): Problem[] {
  if (answers.outgoing.length === 0) return answers.existingServerIds.length === 0 ? ['outgoing-missing'] : [];
  return answers.outgoing.flatMap((server) => problemsOfServer(answers, server));
}

export function problemsOfServer(answers: Answers, server: OutgoingAnswers): Problem[] {
  const problems: Problem[] = server.endpoints.flatMap(problemsOfEndpoint);
  if (server.endpoints.length === 0) problems.push('host-missing');
  const needsUser = server.method !== 'none' && !shares(answers, server);
  if (needsUser && server.user.trim() === '') problems.push('user-missing');
  return problems;
}

/** Without an incoming account there is nothing to share. */
export function shares(answers: Answers, server: OutgoingAnswers): boolean {
  return server.sharesIncoming && answers.purpose === 'both';
}

/** What `account.add` and `check.account` take; null while something is missing. */
export function accountInputOf(answers: Answers): AccountInput | null {
  const endpoint = fromEndpointForm(answers.incoming.endpoint);
  if (answers.purpose === 'send-only' || endpoint === null || problemsOfIncoming(answers).length > 0) return null;
  const { user, password, retention } = answers.incoming;
  return {
    label: answers.address.trim(),
    ...endpoint,
    user: user.trim(),
    auth: 'auto',
    retention,
    maxOctets: usualLargeOctets,
    checkEveryMinutes: 10,
    ...(password === '' ? {} : { secret: password }),
  };
}

/** What `server.add` and `check.server` take; null while something is missing. */
export function serverInputOf(answers: Answers, server: OutgoingAnswers): ServerInput | null {
  const endpoints = server.endpoints.map(fromEndpointForm).filter((endpoint) => endpoint !== null);
  if (endpoints.length === 0 || problemsOfServer(answers, server).length > 0) return null;
  const { user, password } = shares(answers, server) ? answers.incoming : server;
  const auth =
    server.method === 'none'
      ? { method: server.method }
      : { method: server.method, user: user.trim(), ...(password === '' ? {} : { secret: password }) };
  return {
    label: server.label.trim() === '' ? (endpoints[0]?.host ?? '') : server.label.trim(),
    kind: 'relay',
    endpoints,
    enabled: true,
    auth,
  };
}

/** Servers in the order the user put them; big public providers refuse their addresses elsewhere, so theirs is the only one. */
export function routeOf(answers: Answers, serverIds: readonly ServerId[]): Route {
  const [first] = serverIds;
  if (first === undefined) return { kind: 'any' };
  if (serverIds.length === 1 && answers.proposal?.isBigProvider === true) return { kind: 'only', serverId: first };
  return { kind: 'prefer', serverIds: [...serverIds] };
}

/** The identity for this address; `serverIds` are the stored ones, in order. */
export function identityInputOf(
  answers: Answers,
  serverIds: readonly ServerId[],
  accountId: AccountId | null,
): IdentityInput {
  return {
    displayName: answers.displayName.trim(),
    address: answers.address.trim(),
    route: routeOf(answers, serverIds),
    ...(accountId === null ? {} : { accountId }),
  };
}

export function domainOfAnswers(answers: Answers): string {
  return domainOf(answers.address.trim());
}
