import type { ScanOutcome } from '#shared/mail/quarantine.ts';
import type { Result } from '#shared/rpc/contract.ts';
import { formatNumber, t } from '../../i18n/index.ts';
import { Banner } from '../../ui/index.ts';

type Trial = Result<'scanner.try'>;

export type TrialState = { kind: 'none' } | { kind: 'running' } | { kind: 'done'; result: Trial };

/** What the program made of the two test messages, and what that means. */
export function ScannerTrial({ trial }: { trial: TrialState }) {
  switch (trial.kind) {
    case 'none':
      return null;
    case 'running':
      return (
        <p className="settings-text" role="status">
          {t('quarantine.trying')}
        </p>
      );
    case 'done':
      return <Outcome {...trial.result} />;
  }
}

function Outcome({ clean, infected }: Trial) {
  const meaning = meaningOf(clean, infected);
  return (
    <Banner level={meaning === 'try.good' ? 'success' : 'warning'}>
      <p>
        <strong>{t(`quarantine.${meaning}`)}</strong>
      </p>
      <Line what={t('quarantine.try.clean')} outcome={clean} />
      <Line what={t('quarantine.try.infected')} outcome={infected} />
    </Banner>
  );
}

function meaningOf(clean: ScanOutcome, infected: ScanOutcome): 'try.good' | 'try.blind' | 'try.strict' | 'try.none' {
  if (clean.verdict === 'not-judged' || infected.verdict === 'not-judged') return 'try.none';
  if (clean.verdict === 'rejected') return 'try.strict';
  return infected.verdict === 'rejected' ? 'try.good' : 'try.blind';
}

function Line({ what, outcome }: { what: string; outcome: ScanOutcome }) {
  const { verdict, words, durationMs } = outcome;
  const ms = formatNumber(Math.round(durationMs));
  return (
    <>
      <p>{t('quarantine.try.line', { what, verdict: t(`quarantine.verdict.${verdict}`), ms })}</p>
      {words !== '' && (
        <pre className="settings-scanner-words" dir="auto">
          {words}
        </pre>
      )}
    </>
  );
}
