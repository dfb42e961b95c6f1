import { useCallback, useEffect, useState } from 'react';
import { t } from '../../i18n/index.ts';
import { CheckView } from '../../ui/checks/check-view.tsx';
import { type CheckRequest, type CheckRun, useCheck } from '../../ui/checks/use-check.ts';
import { type EndpointForm, toEndpointForm } from '../../ui/endpoints/endpoint-form.ts';
import { Button } from '../../ui/index.ts';
import { type Answers, accountInputOf, type OutgoingAnswers, serverInputOf } from './answers.ts';
import { PageFrame } from './page-frame.tsx';
import { type Page, pageAfter } from './wizard-pages.ts';
import { answer, goTo, useWizard } from './wizard-state.ts';

interface Target {
  readonly id: string;
  readonly title: string;
  readonly page: Page;
  readonly request: CheckRequest;
  /** Replaces the endpoint of that host and port, or pins its certificate. */
  readonly onEndpoint: (change: EndpointChange) => void;
}

interface EndpointChange {
  readonly host: string;
  readonly port: number;
  readonly next: (form: EndpointForm) => EndpointForm;
}

type Verdict = 'running' | 'ok' | 'failed';

/** Every server asked live, with its own words. What fails says why and offers what works. */
export function TestPage() {
  const answers = useWizard((state) => state.answers);
  const targets = targetsOf(answers);
  const [verdicts, setVerdicts] = useState<Readonly<Record<string, Verdict>>>({});
  const tell = useCallback(
    (id: string, verdict: Verdict) => setVerdicts((before) => ({ ...before, [id]: verdict })),
    [],
  );
  const all = targets.map(({ id }) => verdicts[id] ?? 'running');
  const isRunning = all.includes('running');
  const hasFailed = all.includes('failed');
  return (
    <PageFrame
      title={t('account-setup.test.title')}
      text={t('account-setup.test.text')}
      onNext={() => goTo(pageAfter('test', answers))}
      nextLabel={hasFailed ? t('account-setup.test.saveAnyway') : t('account-setup.next')}
      isNextDisabled={isRunning && !hasFailed}
    >
      {targets.map((target) => (
        <TargetTest key={keyOf(target)} target={target} onVerdict={tell} />
      ))}
      <p role="status" className="wizard-text">
        {isRunning
          ? t('account-setup.test.running')
          : hasFailed
            ? t('account-setup.test.failed')
            : t('account-setup.test.all')}
      </p>
    </PageFrame>
  );
}

/** Another endpoint is another test: it begins by itself. */
function keyOf({ id, request }: Target): string {
  return `${id} ${JSON.stringify(request.params)}`;
}

function TargetTest({ target, onVerdict }: { target: Target; onVerdict: (id: string, verdict: Verdict) => void }) {
  const check = useCheck();
  const verdict = verdictOf(check.run);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the test of a page begins once
  useEffect(() => check.start(target.request), []);
  useEffect(() => onVerdict(target.id, verdict), [onVerdict, target.id, verdict]);
  return (
    <section className="wizard-test" aria-label={target.title}>
      <h2>{target.title}</h2>
      <CheckView
        protocol={target.request.kind === 'account' ? 'pop3' : 'submission'}
        run={check.run}
        onUse={(endpoint, instead) =>
          target.onEndpoint({ host: instead.host, port: instead.port, next: () => toEndpointForm(endpoint) })
        }
        onPin={({ host, port }, sha256) =>
          target.onEndpoint({ host, port, next: (form) => ({ ...form, pinnedCertificateSha256: sha256 }) })
        }
      />
      {verdict !== 'running' && (
        <div className="wizard-acts">
          <Button size="small" onPress={() => check.start(target.request)}>
            {t('delivery.check.again')}
          </Button>
          <Button size="small" variant="quiet" onPress={() => goTo(target.page)}>
            {t('account-setup.test.edit')}
          </Button>
        </div>
      )}
      {verdict === 'running' && (
        <div className="wizard-acts">
          <Button size="small" variant="quiet" onPress={check.stop}>
            {t('delivery.check.stop')}
          </Button>
        </div>
      )}
    </section>
  );
}

function verdictOf(run: CheckRun): Verdict {
  switch (run.kind) {
    case 'idle':
    case 'running':
      return 'running';
    case 'done':
      return run.report.ok ? 'ok' : 'failed';
    case 'failed':
    case 'stopped':
      return 'failed';
  }
}

function targetsOf(answers: Answers): Target[] {
  const account = accountInputOf(answers);
  const targets: Target[] = [];
  if (account !== null)
    targets.push({
      id: 'incoming',
      title: t('account-setup.test.incoming'),
      page: 'incoming',
      request: { kind: 'account', params: { account } },
      onEndpoint: ({ next }) =>
        answer((before) => ({
          ...before,
          incoming: { ...before.incoming, endpoint: next(before.incoming.endpoint) },
        })),
    });
  if (answers.purpose === 'receive-only') return targets;
  return [...targets, ...answers.outgoing.flatMap((server) => outgoingTarget(answers, server) ?? [])];
}

function outgoingTarget(answers: Answers, server: OutgoingAnswers): Target | null {
  const input = serverInputOf(answers, server);
  if (input === null) return null;
  return {
    id: server.rowId,
    title: t('account-setup.test.outgoing', { server: input.label }),
    page: 'outgoing',
    request: { kind: 'server', params: { server: input } },
    onEndpoint: (change) =>
      answer((before) => ({
        ...before,
        outgoing: before.outgoing.map((other) => (other.rowId === server.rowId ? changed(other, change) : other)),
      })),
  };
}

function changed(server: OutgoingAnswers, { host, port, next }: EndpointChange): OutgoingAnswers {
  const endpoints = server.endpoints.map((form) =>
    form.host.trim() === host && form.port.trim() === String(port) ? next(form) : form,
  );
  // Advice may name an endpoint that stands further down already: the better one wins, and stands once.
  const seen = new Set<string>();
  const once = endpoints.filter((form) => {
    const name = `${form.host} ${form.port}`;
    return !seen.has(name) && seen.add(name);
  });
  return { ...server, endpoints: once };
}
