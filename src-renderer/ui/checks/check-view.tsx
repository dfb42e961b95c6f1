import { CircleCheck, CircleX, Lightbulb } from 'lucide-react';
import type { CheckedEndpoint, CheckReport, CheckStep } from '#shared/job.ts';
import { type Endpoint, endpointName, type Security } from '#shared/mail/endpoint.ts';
import { errorText, formatDateTime, formatDuration, t } from '../../i18n/index.ts';
import { Button } from '../button.tsx';
import { EndpointName } from '../endpoints/endpoint-fields.tsx';
import type { EndpointProtocol } from '../endpoints/endpoint-form.ts';
import { Icon } from '../icon.tsx';
import { Details, ErrorPanel } from '../panels.tsx';
import { ProgressRing } from '../progress.tsx';
import { type StageTick, StageTrack } from '../stage-track.tsx';
import type { CheckRun } from './run-check.ts';
import './check-view.css';

type PlainEndpoint = Pick<Endpoint, 'host' | 'port' | 'security'>;

export interface CheckViewProps {
  run: CheckRun;
  protocol: EndpointProtocol;
  /** Puts an endpoint that works in place of the one that does not. */
  onUse?: (endpoint: PlainEndpoint, instead: PlainEndpoint) => void;
  /** Trusts exactly this certificate for this endpoint from now on. */
  onPin?: (endpoint: PlainEndpoint, sha256: string) => void;
}

/** A live test: each endpoint with its steps as they happen, the server's own words, and the verdict. */
export function CheckView({ run, protocol, onUse, onPin }: CheckViewProps) {
  return (
    <div className="ui-check-run">
      {run.endpoints.map((checked) => (
        <EndpointCheck
          key={endpointName(checked.endpoint) + checked.endpoint.security}
          checked={checked}
          protocol={protocol}
          isOver={run.kind === 'done'}
          onPin={onPin}
        />
      ))}
      <div role="status" className="ui-check-verdict">
        <Verdict run={run} />
      </div>
      {run.kind === 'failed' && <ErrorPanel error={run.error} />}
      {run.kind === 'done' && run.report.advice.length > 0 && (
        <ul className="ui-check-advice" aria-label={t('delivery.check.advice')}>
          {run.report.advice.map((advice) => (
            <li key={endpointName(advice.endpoint) + advice.endpoint.security}>
              <Icon of={Lightbulb} />
              <span>{advice.text}</span>
              {onUse !== undefined && (
                <Button size="small" onPress={() => onUse(advice.endpoint, insteadOf(run.endpoints, advice.endpoint))}>
                  {t('delivery.check.use', { endpoint: endpointName(advice.endpoint) })}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function insteadOf(endpoints: readonly CheckedEndpoint[], advised: PlainEndpoint): PlainEndpoint {
  return endpoints.find(({ error }) => error !== undefined)?.endpoint ?? advised;
}

function Verdict({ run }: { run: CheckRun }) {
  switch (run.kind) {
    case 'running':
      return run.endpoints.length > 0 ? null : (
        <p className="ui-check-line">
          <ProgressRing label={null} value={null} />
          {t('delivery.check.waiting')}
        </p>
      );
    case 'done':
      return (
        <p className="ui-check-line" data-state-colour={run.report.ok ? 'took-it' : 'refused'}>
          <Icon of={run.report.ok ? CircleCheck : CircleX} />
          <span>
            {run.report.ok ? (
              <strong>{run.report.verdict}</strong>
            ) : (
              <>
                <strong>{t('delivery.check.failed')}</strong> {!isSaidAlready(run.report) && run.report.verdict}
              </>
            )}
          </span>
        </p>
      );
    case 'stopped':
      return <p>{t('delivery.check.stopped')}</p>;
    case 'failed':
    case 'idle':
      return null;
  }
}

function EndpointCheck(
  props: Pick<CheckViewProps, 'protocol' | 'onPin'> & { checked: CheckedEndpoint; isOver: boolean },
) {
  const { checked, protocol, isOver, onPin } = props;
  const name = endpointName(checked.endpoint);
  const telling = checked.steps.findLast(({ outcome }) => outcome !== 'skipped');
  const certificateProblem = checked.error?.code.startsWith('ECERT') === true;
  return (
    <section className="ui-check-endpoint" aria-label={t('delivery.check.running', { endpoint: name })}>
      <EndpointName {...checked.endpoint} />
      <StageTrack
        label={t('delivery.check.steps', { endpoint: name })}
        ticks={ticksOf(checked, protocol, isOver && checked.error === undefined)}
      />
      {telling !== undefined && <StepWords step={telling} endpoint={name} />}
      {checked.error !== undefined && telling?.outcome !== 'failed' && (
        <p className="ui-check-error">
          <strong>{errorText(checked.error).headline}.</strong> {errorText(checked.error).advice}
        </p>
      )}
      {checked.certificate !== undefined && certificateProblem && (
        <CertificateView checked={checked} certificate={checked.certificate} onPin={onPin} />
      )}
      {checked.transcript.length > 0 && (
        <Details summary={t('delivery.check.transcript')} text={checked.transcript.join('\n')} />
      )}
    </section>
  );
}

function StepWords({ step, endpoint }: { step: CheckStep; endpoint: string }) {
  return (
    <div className="ui-check-step" aria-live="polite">
      <p>{step.text}</p>
      {step.server !== undefined && step.server !== '' && step.server !== endpoint && (
        <blockquote className="ui-check-quote" cite="">
          <span className="ui-visually-hidden">{t('delivery.check.serverSays')}: </span>
          <bdi>{step.server}</bdi>
        </blockquote>
      )}
    </div>
  );
}

function CertificateView(props: {
  checked: CheckedEndpoint;
  certificate: NonNullable<CheckedEndpoint['certificate']>;
  onPin: CheckViewProps['onPin'];
}) {
  const { checked, certificate, onPin } = props;
  return (
    <div className="ui-check-certificate">
      <p>{t('delivery.check.certificate.for', { subject: certificate.subject })}</p>
      <p>{t('delivery.check.certificate.by', { issuer: certificate.issuer })}</p>
      <p>
        {t('delivery.check.certificate.valid', {
          from: formatDateTime(certificate.validFrom),
          to: formatDateTime(certificate.validTo),
        })}
      </p>
      <p className="ui-check-fingerprint">
        {t('delivery.check.certificate.fingerprint', { fingerprint: inPairs(certificate.sha256) })}
      </p>
      {onPin !== undefined && (
        <>
          <p>{t('delivery.check.certificate.acceptMeaning', { endpoint: endpointName(checked.endpoint) })}</p>
          <Button size="small" onPress={() => onPin(checked.endpoint, certificate.sha256)}>
            {t('delivery.check.certificate.accept')}
          </Button>
        </>
      )}
    </div>
  );
}

/** With one endpoint the step that failed has said it. */
function isSaidAlready({ verdict, endpoints }: CheckReport): boolean {
  return endpoints.some(({ steps }) => steps.some(({ outcome, text }) => outcome === 'failed' && text === verdict));
}

function inPairs(hex: string): string {
  return hex.match(/../gu)?.join(':') ?? hex;
}

/** The way of a test that goes well: STARTTLS comes after the greeting (RFC 3207 §4, RFC 2595 §4), TLS before it. */
function wholeWay(protocol: EndpointProtocol, security: Security): CheckStep['stage'][] {
  const last: CheckStep['stage'][] = ['auth', protocol === 'pop3' ? 'maildrop' : 'mail'];
  switch (security) {
    case 'tls':
      return ['resolve', 'connect', 'tls', 'greeting', 'capabilities', ...last];
    case 'starttls':
      return ['resolve', 'connect', 'greeting', 'capabilities', 'tls', ...last];
    case 'none':
      return ['resolve', 'connect', 'greeting', 'capabilities', ...last];
  }
}

/** The steps in the order they were taken, then those still ahead; after a test that went well those were not needed. */
function ticksOf({ steps, endpoint }: CheckedEndpoint, protocol: EndpointProtocol, isWell: boolean): StageTick[] {
  const ahead = wholeWay(protocol, endpoint.security).filter((stage) => steps.every((step) => step.stage !== stage));
  return [
    ...steps.map(toTick),
    ...ahead.map((stage) => ({
      id: stage,
      label: t(`delivery.stage.${stage}`),
      kind: isWell ? ('skipped' as const) : ('unreached' as const),
      detail: isWell ? t('delivery.tick.skipped') : t('delivery.tick.unreached'),
    })),
  ];
}

function toTick(step: CheckStep): StageTick {
  const label = t(`delivery.stage.${step.stage}`);
  switch (step.outcome) {
    case 'running':
      return { id: step.stage, label, kind: 'running', detail: t('delivery.tick.running') };
    case 'ok':
      return {
        id: step.stage,
        label,
        kind: 'done',
        detail: t('delivery.tick.done', { time: formatDuration(step.durationMs) }),
      };
    case 'failed':
      return { id: step.stage, label, kind: 'last', state: 'refused', detail: step.text };
    case 'skipped':
      return { id: step.stage, label, kind: 'skipped', detail: t('delivery.tick.skipped') };
  }
}
