import { Ban, CircleCheck, CircleX, KeyRound, SearchX, ServerOff, ShieldAlert, Shuffle, WifiOff } from 'lucide-react';
import type { CheckReport, CheckVerdict } from '#shared/job.ts';
import { t } from '../../i18n/index.ts';
import { Icon, type IconType } from '../icon.tsx';
import { ProgressRing } from '../progress.tsx';
import type { DeliveryState } from '../state-mark.tsx';
import type { CheckRun } from './run-check.ts';

const looks: Readonly<Record<CheckVerdict, { icon: IconType; colour: DeliveryState }>> = {
  works: { icon: CircleCheck, colour: 'took-it' },
  offline: { icon: WifiOff, colour: 'waiting' },
  'port-blocked': { icon: Ban, colour: 'waiting' },
  'server-down': { icon: ServerOff, colour: 'waiting' },
  'unknown-host': { icon: SearchX, colour: 'refused' },
  'wrong-certificate': { icon: ShieldAlert, colour: 'refused' },
  'something-in-its-place': { icon: Shuffle, colour: 'uncertain' },
  'needs-authentication': { icon: KeyRound, colour: 'refused' },
  'wrong-password': { icon: KeyRound, colour: 'refused' },
  'refuses-this-network': { icon: Ban, colour: 'refused' },
  other: { icon: CircleX, colour: 'refused' },
};

/** What a test came to: icon and word of its kind, and the sentence; while it runs, that it does. */
export function CheckVerdictView({ run }: { run: CheckRun }) {
  switch (run.kind) {
    case 'running':
      return (
        <p className="ui-check-line">
          <ProgressRing label={null} value={null} />
          <span>{run.endpoints.length === 0 ? t('delivery.check.waiting') : t('delivery.check.underWay')}</span>
        </p>
      );
    case 'done':
      return <Verdict report={run.report} />;
    case 'stopped':
      return <p>{t('delivery.check.stopped')}</p>;
    case 'failed':
    case 'idle':
      return null;
  }
}

function Verdict({ report }: { report: CheckReport }) {
  const { icon, colour } = looks[report.verdictKind];
  const word = report.verdictKind === 'works' ? report.verdict : t(`delivery.check.verdict.${report.verdictKind}`);
  return (
    <p className="ui-check-line ui-check-verdict" data-state-colour={colour}>
      <Icon of={icon} size={20} />
      <span>
        <strong>{word}</strong> {report.verdict !== word && report.verdict}
      </span>
    </p>
  );
}
