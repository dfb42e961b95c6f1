import type { ReactNode } from 'react';
import type { CheckedEndpoint } from '#shared/job.ts';
import { endpointName } from '#shared/mail/endpoint.ts';
import { formatDateTime, formatDuration, formatSize, t } from '../../i18n/index.ts';

/** What an endpoint told about itself, one fact a line: encryption, certificate, what it offers, how long it took. */
export function CheckFacts({ checked }: { checked: CheckedEndpoint }) {
  const facts = factsOf(checked);
  if (facts.length === 0) return null;
  return (
    <table
      className="ui-check-facts"
      aria-label={t('delivery.check.facts', { endpoint: endpointName(checked.endpoint) })}
    >
      <tbody>
        {facts.map(({ name, value, isBad }) => (
          <tr key={name} data-bad={isBad === true ? '' : undefined}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface Fact {
  readonly name: string;
  readonly value: ReactNode;
  readonly isBad?: boolean;
}

function factsOf(checked: CheckedEndpoint): Fact[] {
  // Nothing was said: the step that failed tells it all.
  const hasSpoken =
    checked.capabilities !== undefined || checked.tls !== undefined || checked.certificate !== undefined;
  if (!hasSpoken) return [];
  const spent = checked.steps.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return [
    ...encryptionOf(checked),
    ...certificateOf(checked),
    ...offersOf(checked),
    { name: t('delivery.check.fact.time'), value: formatDuration(spent) },
  ];
}

function encryptionOf({ tls, endpoint, capabilities }: CheckedEndpoint): Fact[] {
  const name = t('delivery.check.fact.tls');
  if (tls !== undefined) return [{ name, value: `${tls.protocol}, ${tls.cipher}` }];
  return endpoint.security === 'none' && capabilities !== undefined
    ? [{ name, value: t('delivery.check.fact.tls.none') }]
    : [];
}

function certificateOf({ certificate }: CheckedEndpoint): Fact[] {
  if (certificate === undefined) return [];
  const { subject, issuer, validFrom, validTo, sha256 } = certificate;
  const now = Date.now();
  const date = formatDateTime(validTo);
  const isExpired = Date.parse(validTo) < now;
  const isEarly = Date.parse(validFrom) > now;
  return [
    { name: t('delivery.check.fact.certificate'), value: <bdi>{subject}</bdi> },
    { name: t('delivery.check.fact.issuer'), value: <bdi>{issuer}</bdi> },
    {
      name: t('delivery.check.fact.validTo'),
      value: isExpired
        ? t('delivery.check.fact.expired', { date })
        : isEarly
          ? t('delivery.check.fact.notYet', { date, from: formatDateTime(validFrom) })
          : date,
      isBad: isExpired || isEarly,
    },
    {
      name: t('delivery.check.fact.fingerprint'),
      value: <span className="ui-check-fingerprint">{fingerprintInPairs(sha256)}</span>,
    },
  ];
}

function offersOf({ capabilities, authMethods, endpoint }: CheckedEndpoint): Fact[] {
  const facts: Fact[] = [];
  if (capabilities !== undefined) {
    // RFC 1870 §3: SIZE without a number, or with 0, tells no limit.
    const size = Number(parameterOf(capabilities, 'SIZE') ?? 0);
    facts.push({
      name: t('delivery.check.fact.size'),
      value: size > 0 ? formatSize(size) : t('delivery.check.fact.size.unlimited'),
    });
    if (endpoint.security !== 'tls') {
      const isOffered = parameterOf(capabilities, 'STARTTLS') !== null;
      facts.push({
        name: t('delivery.check.fact.starttls'),
        value: isOffered ? t('delivery.check.fact.starttls.offered') : t('delivery.check.fact.starttls.missing'),
        isBad: !isOffered && endpoint.security === 'starttls',
      });
    }
  }
  if (authMethods !== undefined)
    facts.push({
      name: t('delivery.check.fact.auth'),
      value: authMethods.length === 0 ? t('delivery.check.fact.auth.none') : authMethods.join(', '),
    });
  const others = (capabilities ?? []).filter((keyword) => !/^(SIZE|STARTTLS|AUTH)\b/u.test(keyword));
  if (others.length > 0) facts.push({ name: t('delivery.check.fact.offers'), value: <bdi>{others.join(', ')}</bdi> });
  return facts;
}

/** What follows a keyword of EHLO, '' for nothing; null: it is not offered. */
function parameterOf(capabilities: readonly string[], keyword: string): string | null {
  const line = capabilities.find((one) => one === keyword || one.startsWith(`${keyword} `));
  return line === undefined ? null : line.slice(keyword.length).trim();
}

export function fingerprintInPairs(hex: string): string {
  return hex.match(/../gu)?.join(':') ?? hex;
}
