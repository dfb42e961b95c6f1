import { useEffect } from 'react';
import type { Job } from '#shared/job.ts';
import { t } from '../../i18n/index.ts';
import { useJobs } from '../../projection/stores.ts';
import { Page } from '../../ui/page.tsx';
import { follow, type Step, useImport } from './import-state.ts';
import { RunPage } from './run-page.tsx';
import { WhatPage } from './what-page.tsx';
import { WherePage } from './where-page.tsx';
import './importing.css';

/** Mail from elsewhere: where it is, what of it, how far, what came of it. */
export function ImportScreen() {
  const step = useImport((state) => state.step);
  const running = useJobs((state) => Object.values<Job>(state.byId).find(isRunningImport)?.jobId);
  useEffect(() => {
    if (step.kind === 'where' && running !== undefined) follow(running);
  }, [step.kind, running]);
  return (
    <Page title={titleOf(step)} description={descriptionOf(step)} width="reading" className="importing">
      <Body step={step} />
    </Page>
  );
}

function Body({ step }: { step: Step }) {
  switch (step.kind) {
    case 'where':
      return <WherePage />;
    case 'what':
      return <WhatPage key={step.source.path} source={step.source} />;
    case 'starting':
    case 'refused':
    case 'run':
      return <RunPage step={step} />;
  }
}

function titleOf({ kind }: Step): string {
  if (kind === 'where') return t('importing.where.title');
  return kind === 'what' ? t('importing.what.title') : t('importing.title');
}

function descriptionOf(step: Step): string | undefined {
  if (step.kind === 'where') return t('importing.where.text');
  return step.kind === 'what' ? step.source.path : undefined;
}

function isRunningImport({ jobKind, state }: Job): boolean {
  return jobKind === 'import' && (state.kind === 'queued' || state.kind === 'running');
}
