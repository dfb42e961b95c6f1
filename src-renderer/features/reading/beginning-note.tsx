import { FileDown } from 'lucide-react';
import { useState } from 'react';
import type { JobId, MessageKey } from '#shared/ids.ts';
import type { Job } from '#shared/job.ts';
import type { ParsedMessage } from '#shared/mail/message.ts';
import type { Api } from '#shared/rpc/client.ts';
import { useApi } from '../../api.ts';
import { formatSize, t } from '../../i18n/index.ts';
import { selectOnly, useSelection } from '../../projection/selection.ts';
import { useJobs } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Banner, Button, ProgressBar, showToast } from '../../ui/index.ts';

/** Says that only the beginning of a message is here, and gets the rest of it. */
export function BeginningNote({ message }: { message: ParsedMessage }) {
  const api = useApi();
  const { beginning, messageKey } = message;
  const [asked, setAsked] = useState<JobId | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const job = useJobs((state) => (asked === null ? undefined : state.byId[asked]));
  if (beginning === undefined) return null;
  const isUnderWay = asked !== null && (job === undefined || isGoingOn(job));
  const error = refused ?? (job?.state.kind === 'failed' ? job.state.error : null);
  const get = (): void => {
    setRefused(null);
    api.call('message.fetchWhole', { messageKey }).then(({ jobId }) => {
      setAsked(jobId);
      whenWhole(jobId, messageKey);
    }, setRefused);
  };
  const size = formatSize(beginning.wholeOctets);
  return (
    <div className="reading-beginning">
      <Banner
        level="info"
        actions={
          !isUnderWay && (
            <Button size="small" icon={FileDown} onPress={get}>
              {t(beginning.account === null ? 'collecting.beginning.again' : 'collecting.beginning.get')}
            </Button>
          )
        }
      >
        <strong>{t('collecting.beginning.title', { size })}</strong>{' '}
        {beginning.account === null
          ? t('collecting.beginning.gone')
          : t('collecting.beginning.from', { account: beginning.account })}
      </Banner>
      {isUnderWay && <Getting job={job} total={beginning.wholeOctets} onStop={() => stop(api, asked)} />}
      <FormError error={error} />
    </div>
  );
}

function Getting({ job, total, onStop }: { job: Job | undefined; total: number; onStop: () => void }) {
  const octets = job?.state.kind === 'running' ? job.state.octets : 0;
  return (
    <div className="reading-getting">
      <ProgressBar
        label={t('collecting.beginning.getting')}
        value={octets === 0 ? null : Math.min(octets, total)}
        max={total}
        valueText={t('collecting.beginning.far', { done: formatSize(octets), total: formatSize(total) })}
      />
      <Button size="small" onPress={onStop}>
        {t('collecting.beginning.stop')}
      </Button>
    </div>
  );
}

function isGoingOn({ state }: Job): boolean {
  return state.kind === 'queued' || state.kind === 'running';
}

function stop(api: Api, jobId: JobId): void {
  // One that ended in the meantime cannot be stopped any more; that is as good.
  api.call('job.cancel', { jobId }).catch(() => undefined);
}

/** The whole message has another key. Whoever still reads the beginning goes on in the whole, also when this pane has gone. */
function whenWhole(jobId: JobId, beginning: MessageKey): void {
  const look = (job: Job | undefined): boolean => {
    if (job === undefined || isGoingOn(job)) return false;
    const { state } = job;
    if (state.kind !== 'succeeded' || state.summary.kind !== 'fetch') return true;
    const { keys, cursor } = useSelection.getState();
    const isReadStill = keys.has(beginning) || (keys.size === 0 && (cursor === null || cursor === beginning));
    if (isReadStill) selectOnly(state.summary.messageKey);
    showToast({
      text: t(state.summary.isDeletedThere ? 'collecting.beginning.gotDeleted' : 'collecting.beginning.got'),
      lastsMs: 5000,
    });
    return true;
  };
  if (look(useJobs.getState().byId[jobId])) return;
  const leave = useJobs.subscribe(({ byId }) => {
    if (look(byId[jobId])) leave();
  });
}
