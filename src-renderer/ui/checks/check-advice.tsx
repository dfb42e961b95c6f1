import { KeyRound, Lightbulb, Shuffle } from 'lucide-react';
import type { CheckAdvice, CheckedEndpoint } from '#shared/job.ts';
import { type Endpoint, endpointName } from '#shared/mail/endpoint.ts';
import { t } from '../../i18n/index.ts';
import { Button } from '../button.tsx';
import { Icon } from '../icon.tsx';
import { fingerprintInPairs } from './check-facts.tsx';

type PlainEndpoint = Pick<Endpoint, 'host' | 'port' | 'security'>;

export interface AdviceActs {
  /** Puts an endpoint that works in place of the one that does not. */
  onUse?: (endpoint: PlainEndpoint, instead: PlainEndpoint) => void;
  /** Trusts exactly this certificate for this endpoint from now on. */
  onPin?: (endpoint: PlainEndpoint, sha256: string) => void;
  /** Lets what answers in the place of this endpoint take mail on this network. Absent for a server that is not saved. */
  onAcceptRelay?: (endpoint: PlainEndpoint) => void;
}

export interface CheckAdviceProps extends AdviceActs {
  advice: readonly CheckAdvice[];
  endpoints: readonly CheckedEndpoint[];
}

/** What would help, each with the one button that does it. */
export function CheckAdviceView({ advice, endpoints, ...acts }: CheckAdviceProps) {
  const shown = withPins(advice, endpoints);
  if (shown.length === 0) return null;
  return (
    <ul className="ui-check-advice" aria-label={t('delivery.check.advice')}>
      {shown.map((one) => (
        <AdviceRow
          key={`${one.kind} ${endpointName(one.endpoint)} ${one.endpoint.security}`}
          advice={one}
          endpoints={endpoints}
          {...acts}
        />
      ))}
    </ul>
  );
}

/** A certificate nobody vouches for can be trusted by its fingerprint, whether the test said so or only showed it. */
function withPins(advice: readonly CheckAdvice[], endpoints: readonly CheckedEndpoint[]): CheckAdvice[] {
  const pins = endpoints.flatMap(({ endpoint, error, certificate }): CheckAdvice[] => {
    const isToldAlready = advice.some(
      (one) => one.kind === 'pin-certificate' && endpointName(one.endpoint) === endpointName(endpoint),
    );
    if (certificate === undefined || isToldAlready || error?.code.startsWith('ECERT') !== true) return [];
    return [{ kind: 'pin-certificate', endpoint, certificateSha256: certificate.sha256, text: '' }];
  });
  return [...advice, ...pins];
}

function AdviceRow({
  advice,
  endpoints,
  onUse,
  onPin,
  onAcceptRelay,
}: { advice: CheckAdvice } & Omit<CheckAdviceProps, 'advice'>) {
  const { endpoint, certificateSha256, text } = advice;
  const name = endpointName(endpoint);
  switch (advice.kind) {
    case 'use-endpoint':
      return (
        <li>
          <Icon of={Lightbulb} />
          <span>{text}</span>
          {onUse !== undefined && (
            <Button size="small" onPress={() => onUse(endpoint, insteadOf(endpoints, endpoint))}>
              {t('delivery.check.use', { endpoint: name })}
            </Button>
          )}
        </li>
      );
    case 'pin-certificate':
      return certificateSha256 === undefined ? null : (
        <li>
          <Icon of={KeyRound} />
          <span>
            <span>{t('delivery.check.certificate.acceptMeaning', { endpoint: name })}</span>
            <span className="ui-check-fingerprint">
              {t('delivery.check.certificate.fingerprint', { fingerprint: fingerprintInPairs(certificateSha256) })}
            </span>
          </span>
          {onPin !== undefined && (
            <Button size="small" onPress={() => onPin(endpoint, certificateSha256)}>
              {t('delivery.check.certificate.accept')}
            </Button>
          )}
        </li>
      );
    case 'accept-relay':
      return (
        <li>
          <Icon of={Shuffle} />
          <span>
            <span>{text}</span>
            <span>{t('delivery.check.acceptRelay.meaning')}</span>
            {onAcceptRelay === undefined && <em>{t('delivery.check.acceptRelay.saveFirst')}</em>}
          </span>
          {onAcceptRelay !== undefined && (
            <Button size="small" onPress={() => onAcceptRelay(endpoint)}>
              {t('delivery.check.acceptRelay')}
            </Button>
          )}
        </li>
      );
  }
}

/** The endpoint that did not work: of the same host, if there is one. */
function insteadOf(endpoints: readonly CheckedEndpoint[], advised: PlainEndpoint): PlainEndpoint {
  const failed = endpoints.filter(({ error }) => error !== undefined).map(({ endpoint }) => endpoint);
  return failed.find(({ host }) => host === advised.host) ?? failed[0] ?? advised;
}
