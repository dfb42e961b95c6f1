import { t } from '../../i18n/index.ts';
import { Button } from '../button.tsx';
import type { CheckRun } from './run-check.ts';

/** Starts a live test, or another one, and stops it while it runs. */
export function CheckButtons({ run, onStart, onStop }: { run: CheckRun; onStart: () => void; onStop: () => void }) {
  const isRunning = run.kind === 'running';
  return (
    <>
      <Button onPress={onStart} isPending={isRunning}>
        {run.kind === 'idle' ? t('delivery.check.test') : t('delivery.check.again')}
      </Button>
      {isRunning && (
        <Button variant="quiet" onPress={onStop}>
          {t('delivery.check.stop')}
        </Button>
      )}
    </>
  );
}
