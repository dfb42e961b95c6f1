import type { CheckAdvice, CheckedEndpoint, CheckReport, CheckVerdict } from '#shared/job.ts';
import { endpointName } from '#shared/mail/endpoint.ts';
import { isOnThisMachine } from '../this-machine.ts';

/** What was found, near and far, for a verdict. */
export interface Findings {
  /** Those asked for, as tested. */
  readonly endpoints: readonly CheckedEndpoint[];
  /** Other usual ports of the same hosts that work, none with less security. */
  readonly alternatives: readonly CheckedEndpoint[];
  /** Hosts that were reached on another port than 25, whatever came of it: they are up. */
  readonly hostsUp: ReadonlySet<string>;
  /** `host:port` of the endpoints somebody set up or named. */
  readonly chosen: ReadonlySet<string>;
  /** The ports were not chosen by anybody: it is normal that some do not answer. */
  readonly isLookAround: boolean;
  readonly isOnline: boolean;
  /** Undefined: it was not needed to find out. */
  readonly namesAnswer: boolean | undefined;
  /** Other servers the user has, as far as they were tried. */
  readonly references: readonly { readonly port: number; readonly isReached: boolean }[];
  /** The set-up signs in. */
  readonly signsIn: boolean;
  /** What became of mail: that it was taken, or the words with which this network, or mail without sign-in, was refused. */
  readonly remembered: {
    readonly hasTakenMail?: boolean;
    readonly refusedHere?: string;
    readonly wantedSignIn?: string;
  };
}

type Judged = Pick<CheckReport, 'verdictKind' | 'verdict' | 'advice'>;

/** The findings in one word, in words, and what would help. Never advises less security than was asked for. Pure. */
export function judge(findings: Findings): Judged {
  const { endpoints } = findings;
  if (endpoints.length === 0) {
    return {
      verdictKind: 'other',
      verdict: 'There is nothing to test: the server has no host and port yet.',
      advice: [],
    };
  }
  const failed = endpoints.filter(({ error }) => error !== undefined);
  const intercepted = failed.find(({ error }) => error?.code === 'EINTERCEPTED');
  if (intercepted !== undefined) return somethingElse(intercepted, findings);
  if (failed.length < endpoints.length) return somethingWorks(failed, findings);
  return nothingWorks(failed, findings);
}

/** Whether mail could go by one of them. */
export function isUsable({ error }: CheckedEndpoint): boolean {
  return error === undefined;
}

function somethingElse(at: CheckedEndpoint, findings: Findings): Judged {
  const { endpoint, error } = at;
  const works = [...findings.endpoints.filter(isUsable), ...findings.alternatives];
  const advice: CheckAdvice[] = endpointAdvice(findings);
  const said = error?.message ?? '';
  if (endpoint.security === 'none') {
    const text = `Accept what answers at ${endpointName(endpoint)} as this network’s relay: it takes mail from here, on this network only.`;
    advice.push({ kind: 'accept-relay', endpoint, text });
  }
  const then = works.length > 0 ? portsAnswer(works) : 'Mail waits for another network';
  const orAccept = endpoint.security === 'none' && works.length === 0 ? ', unless you accept this network’s relay' : '';
  return {
    verdictKind: 'something-in-its-place',
    verdict: `${said} Nothing is sent there. ${then}${orAccept}. If the server itself was changed, clear what is remembered of it.`,
    advice,
  };
}

function somethingWorks(failed: readonly CheckedEndpoint[], findings: Findings): Judged {
  const { endpoints, isLookAround, signsIn, remembered } = findings;
  const working = endpoints.filter(isUsable);
  const blocked = failed.find((one) => isPort25Blocked(one, findings));
  if (blocked !== undefined) {
    return { verdictKind: 'port-blocked', verdict: `${blockedWords(findings)} ${portsAnswer(working)}.`, advice: [] };
  }
  const offers = working.filter(({ authMethods }) => (authMethods ?? []).length > 0);
  const mayWantSignIn = remembered.hasTakenMail !== true && offers.length === working.length;
  const needsSignIn = !isLookAround && !signsIn && (mayWantSignIn || remembered.wantedSignIn !== undefined);
  if (needsSignIn) {
    return {
      verdictKind: 'needs-authentication',
      verdict:
        'It answers, and offers signing in, but is set up without. It may take no mail until you give it a user name and password.',
      advice: [],
    };
  }
  if (remembered.refusedHere !== undefined) {
    const said = `It answers, but it refused mail from this network. (It said: ${remembered.refusedHere})`;
    return { verdictKind: 'refuses-this-network', verdict: `${said} Use another server here.`, advice: [] };
  }
  if (isLookAround)
    return { verdictKind: 'works', verdict: `${portsAnswer(working)}.${restWords(failed)}`, advice: [] };
  const first = failed[0];
  if (first?.error === undefined) {
    return { verdictKind: 'works', verdict: endpoints.length === 1 ? 'It works.' : 'Every port works.', advice: [] };
  }
  const where = endpointName(first.endpoint);
  return {
    verdictKind: 'works',
    verdict: `${where} does not work, another port does: ${first.error.message}`,
    advice: pinAdvice(first),
  };
}

/** What tells most about why nothing works, first. */
const telling: readonly CheckVerdict[] = [
  'wrong-password',
  'needs-authentication',
  'wrong-certificate',
  'refuses-this-network',
  'other',
  'server-down',
  'unknown-host',
];

function nothingWorks(failed: readonly CheckedEndpoint[], findings: Findings): Judged {
  const { alternatives, isOnline } = findings;
  const isAllHere = failed.every(({ endpoint }) => isOnThisMachine(endpoint.host));
  if (!isOnline && !isAllHere) return { verdictKind: 'offline', verdict: offlineWords, advice: [] };
  const ranked = failed
    .map((one) => ({ one, kind: kindOf(one, findings) }))
    .sort((a, b) => telling.indexOf(a.kind) - telling.indexOf(b.kind));
  const first = ranked[0];
  if (first === undefined) return { verdictKind: 'other', verdict: '', advice: [] };
  const { one, kind } = first;
  const blocked = failed.find((other) => isPort25Blocked(other, findings));
  const isSilence = kind === 'server-down' || kind === 'unknown-host';
  if (blocked !== undefined && (isSilence || findings.chosen.has(endpointName(blocked.endpoint)))) {
    const then =
      alternatives.length > 0 ? `${portsAnswer(alternatives)}.` : 'Ask the provider for another port, such as 587.';
    return {
      verdictKind: 'port-blocked',
      verdict: `${blockedWords(findings)} ${then}`,
      advice: [...endpointAdvice(findings), ...failed.flatMap(pinAdvice)],
    };
  }
  if (isSilence) return unreachable(one, kind, findings);
  return {
    verdictKind: kind,
    verdict: saying(one, kind, alternatives),
    advice: [...endpointAdvice(findings), ...pinAdvice(one)],
  };
}

function unreachable(one: CheckedEndpoint, kind: 'server-down' | 'unknown-host', findings: Findings): Judged {
  const { alternatives, namesAnswer, references } = findings;
  const { host } = one.endpoint;
  if (kind === 'unknown-host') {
    return namesAnswer === false
      ? { verdictKind: 'offline', verdict: namelessWords, advice: [] }
      : { verdictKind: kind, verdict: `There is no server named ${host}. Check how the name is written.`, advice: [] };
  }
  const advice = endpointAdvice(findings);
  const said = silenceWords(one, findings);
  if (alternatives.length > 0) return { verdictKind: kind, verdict: `${said} ${portsAnswer(alternatives)}.`, advice };
  // Nobody waits with mail for a server that is only looked at.
  const mail = findings.isLookAround ? '' : ' Mail waits and is tried again by itself.';
  if (isOnThisMachine(host)) return { verdictKind: kind, verdict: said + mail, advice };
  const isReferenceReached = references.some(({ isReached }) => isReached);
  if (references.length > 0 && !isReferenceReached) return { verdictKind: 'offline', verdict: deadEndWords, advice };
  const meaning = isReferenceReached
    ? `Other servers can be reached from here, so this one seems to be down${onlyOn25(one) ? ', or this network lets port 25 through to its own servers only' : ''}.`
    : 'It may be down, or this network keeps you from reaching it.';
  return { verdictKind: kind, verdict: `${said} ${meaning}${mail}`, advice };
}

function onlyOn25({ endpoint, error }: CheckedEndpoint): boolean {
  return endpoint.port === 25 && error?.code !== 'EREFUSED';
}

/** Why one port is silent, or that all of several are. */
function silenceWords(one: CheckedEndpoint, { endpoints }: Findings): string {
  const ports = endpoints
    .filter(({ endpoint }) => endpoint.host === one.endpoint.host)
    .map(({ endpoint }) => endpoint.port);
  return ports.length < 2 ? withPlace(one) : `${one.endpoint.host} does not answer on ports ${inRow(ports)}.`;
}

export const offlineWords = 'You are offline. Mail waits in the Outbox and goes by itself once you are connected.';
const namelessWords =
  'No name can be looked up here: this network leads nowhere, or its name service does not answer. Mail waits until it does.';
const deadEndWords =
  'Nothing can be reached from here, neither this server nor the others you use: the network leads nowhere, or wants you to sign in first. Mail waits.';

/** What one failed endpoint shows, by itself. */
function kindOf({ error, steps }: CheckedEndpoint, { signsIn }: Findings): CheckVerdict {
  if (error === undefined) return 'works';
  const last = steps.at(-1)?.stage;
  switch (error.code) {
    case 'EUNKNOWNHOST':
      return 'unknown-host';
    case 'EREFUSED':
    case 'ETIMEOUT':
    case 'EUNREACHABLE':
      if (last === 'resolve') return 'unknown-host';
      return last === 'connect' || last === 'greeting' ? 'server-down' : 'other';
    case 'ECERT_EXPIRED':
    case 'ECERT_SELFSIGNED':
    case 'ECERT_HOST':
    case 'ECERT_UNTRUSTED':
    case 'ECERT_CHANGED':
      return 'wrong-certificate';
    case 'EAUTH':
      return 'wrong-password';
    case 'ENEEDS_PASSWORD':
      return 'needs-authentication';
    case 'EAUTH_SETUP':
      return signsIn ? 'other' : 'needs-authentication';
    case 'EREJECTED':
      if (error.replyCode === 530) return 'needs-authentication';
      // RFC 5321 §3.1: who gets 554 for a greeting is not served here.
      return last === 'greeting' || last === 'capabilities' ? 'refuses-this-network' : 'other';
    default:
      return 'other';
  }
}

function saying(one: CheckedEndpoint, kind: CheckVerdict, alternatives: readonly CheckedEndpoint[]): string {
  const said = withPlace(one);
  const other = alternatives.length > 0 ? ` ${portsAnswer(alternatives)}.` : '';
  switch (kind) {
    case 'wrong-password':
      return `${said} It is not tried again until you change them.`;
    case 'needs-authentication':
      return one.error?.code === 'ENEEDS_PASSWORD' ? said : `${said} Give it a user name and password.`;
    case 'wrong-certificate':
      return `${said} Nothing was sent.${other}`;
    case 'refuses-this-network':
      return `${said} It refuses this network: use another server here, or ask the provider. (It said: ${one.error?.server ?? ''})`;
    default:
      return said + other;
  }
}

function withPlace({ endpoint, error }: CheckedEndpoint): string {
  const where = endpointName(endpoint);
  const said = error?.message ?? '';
  return said.includes(where) || said.includes(endpoint.host) ? said : `${where}: ${said}`;
}

/**
 * Port 25 is what networks block, and only ever by not answering or refusing. Known by another port of the same host that
 * answers, or by other servers that fail on 25 as well while they answer elsewhere.
 */
function isPort25Blocked({ endpoint, error, steps }: CheckedEndpoint, findings: Findings): boolean {
  if (endpoint.port !== 25 || steps.at(-1)?.stage !== 'connect' || isOnThisMachine(endpoint.host)) return false;
  const isSilent = error?.code === 'ETIMEOUT' || error?.code === 'EUNREACHABLE';
  if (!isSilent && error?.code !== 'EREFUSED') return false;
  if (isEveryOther25Dead(findings)) return true;
  // Many hosts have nothing on 25 and say so at once: that is no block unless somebody expected it there. That another
  // server is reached on 25 proves nothing: networks let their own relay through.
  return findings.hostsUp.has(endpoint.host) && (isSilent || findings.chosen.has(endpointName(endpoint)));
}

function isEveryOther25Dead({ references }: Findings): boolean {
  const on25 = references.filter(({ port }) => port === 25);
  const elsewhere = references.some(({ port, isReached }) => port !== 25 && isReached);
  return on25.length > 0 && on25.every(({ isReached }) => !isReached) && elsewhere;
}

function blockedWords(findings: Findings): string {
  return isEveryOther25Dead(findings)
    ? 'Port 25 is blocked on this network: other servers do not answer on it either.'
    : 'Port 25 seems to be blocked on this network.';
}

function endpointAdvice({ alternatives }: Findings): CheckAdvice[] {
  return alternatives.map(({ endpoint }) => ({
    kind: 'use-endpoint',
    endpoint,
    text: `Port ${endpoint.port} ${howSecure[endpoint.security]} answers.`,
  }));
}

const howSecure = { tls: 'with TLS', starttls: 'with STARTTLS', none: 'in clear' } as const;

/** Only for one's own certificate: not when another was trusted before, not for one that is out of date. */
function pinAdvice({ certificate, endpoint, error }: CheckedEndpoint): CheckAdvice[] {
  const isOwn = error?.code === 'ECERT_SELFSIGNED' || error?.code === 'ECERT_UNTRUSTED' || error?.code === 'ECERT_HOST';
  if (!isOwn || certificate === undefined) return [];
  const text = `Trust this certificate (of ${certificate.subject}) for ${endpointName(endpoint)}, and no other. Compare its fingerprint with whoever runs the server first.`;
  return [{ kind: 'pin-certificate', endpoint, certificateSha256: certificate.sha256, text }];
}

/** “Port 587 answers”, “Ports 465 and 587 answer” */
function portsAnswer(checked: readonly CheckedEndpoint[]): string {
  const ports = [...new Set(checked.map(({ endpoint }) => endpoint.port))];
  return ports.length === 1 ? `Port ${ports[0]} works` : `Ports ${inRow(ports)} work`;
}

function restWords(failed: readonly CheckedEndpoint[]): string {
  const ports = failed.map(({ endpoint }) => endpoint.port);
  if (ports.length === 0) return '';
  return ports.length === 1 ? ` Port ${ports[0]} does not.` : ` Ports ${inRow(ports)} do not.`;
}

function inRow(ports: readonly number[]): string {
  return ports.length < 2 ? ports.join('') : `${ports.slice(0, -1).join(', ')} and ${ports.at(-1)}`;
}
