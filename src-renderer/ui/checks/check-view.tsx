import type { CheckedEndpoint, CheckStep } from '#shared/job.ts';
import { endpointName, type Security } from '#shared/mail/endpoint.ts';
import { errorText, formatDuration, t } from '../../i18n/index.ts';
import type { EndpointProtocol } from '../endpoints/endpoint-form.ts';
import { EndpointName } from '../endpoints/endpoint-name.tsx';
import { Details, ErrorPanel } from '../panels.tsx';
import { type StageTick, StageTrack } from '../stage-track.tsx';
import { type AdviceActs, CheckAdviceView } from './check-advice.tsx';
import { CheckFacts } from './check-facts.tsx';
import { CheckVerdictView } from './check-verdict.tsx';
import type { CheckRun } from './run-check.ts';
import './check-view.css';

export interface CheckViewProps extends AdviceActs {
  run: CheckRun;
  protocol: EndpointProtocol;
}

/**
 * A live test: the verdict first, with what would help, then each endpoint with its steps as they happen, the server's own
 * words, and what it told about itself.
 */
export function CheckView({ run, protocol, ...acts }: CheckViewProps) {
  return (
    <div className="ui-check-run">
      <div role="status">
        <CheckVerdictView run={run} />
      </div>
      {run.kind === 'failed' && <ErrorPanel error={run.error} />}
      {run.kind === 'done' && <CheckAdviceView advice={run.report.advice} endpoints={run.endpoints} {...acts} />}
      {run.endpoints.length > 0 && (
        <div className="ui-check-endpoints">
          {run.endpoints.map((checked) => (
            <EndpointCheck
              key={endpointName(checked.endpoint) + checked.endpoint.security}
              checked={checked}
              protocol={protocol}
              said={run.kind === 'done' ? run.report.verdict : null}
              isOver={run.kind === 'done'}
            />
          ))}
        </div>
      )}
    </div>
  );
}

function EndpointCheck(props: {
  checked: CheckedEndpoint;
  protocol: EndpointProtocol;
  /** The verdict, which need not be said twice. */
  said: string | null;
  isOver: boolean;
}) {
  const { checked, protocol, said, isOver } = props;
  const name = endpointName(checked.endpoint);
  const telling = checked.steps.findLast(({ outcome }) => outcome !== 'skipped');
  return (
    <section className="ui-check-endpoint" aria-label={t('delivery.check.running', { endpoint: name })}>
      <EndpointName {...checked.endpoint} />
      <StageTrack
        label={t('delivery.check.steps', { endpoint: name })}
        ticks={ticksOf(checked, protocol, isOver && checked.error === undefined)}
      />
      {telling !== undefined && <StepWords step={telling} endpoint={name} said={said} />}
      {checked.error !== undefined && telling?.outcome !== 'failed' && (
        <p className="ui-check-error">
          <strong>{errorText(checked.error).headline}.</strong> {errorText(checked.error).advice}
        </p>
      )}
      {isOver && <CheckFacts checked={checked} />}
      {checked.transcript.length > 0 && (
        <Details summary={t('delivery.check.transcript')} text={checked.transcript.join('\n')} />
      )}
    </section>
  );
}

function StepWords({ step, endpoint, said }: { step: CheckStep; endpoint: string; said: string | null }) {
  return (
    <div className="ui-check-step" aria-live="polite">
      {said?.includes(step.text) !== true && <p>{step.text}</p>}
      {step.server !== undefined && step.server !== '' && step.server !== endpoint && (
        <blockquote className="ui-check-quote" cite="">
          <span className="ui-visually-hidden">{t('delivery.check.serverSays')}: </span>
          <bdi>{step.server}</bdi>
        </blockquote>
      )}
    </div>
  );
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
