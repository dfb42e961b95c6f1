import { Copy, Download } from 'lucide-react';
import { attemptLogText } from '#shared/mail/attempt-log-text.ts';
import type { Attempt, OutboxItem, Skipped } from '#shared/mail/outbox.ts';
import { formatDateFull, formatDuration, formatMoment, t } from '../../i18n/index.ts';
import { useAppInfo, useSettings } from '../../projection/stores.ts';
import { Button, Details, StateMark, saveText, showToast } from '../../ui/index.ts';
import { SkippedView } from '../../ui/route/route-view.tsx';
import { type StageTick, StageTrack } from '../../ui/stage-track.tsx';
import { attemptsAsText, logFileName, markOf, replyWords, type Tick, ticksOf, wordsOf } from './timeline-model.ts';
import './attempt-timeline.css';

export interface AttemptTimelineProps {
  attempts: readonly Attempt[];
  /** Servers left out, with the reasons. */
  skipped?: readonly Skipped[];
  /** The message it is about: the log then tells of its recipients as well. */
  message?: OutboxItem;
}

/** Every endpoint tried for a message, oldest first: how far it came, what the server said, what it means. */
export function AttemptTimeline({ attempts, skipped = [], message }: AttemptTimelineProps) {
  const servers = useSettings((state) => state.settings?.servers);
  const version = useAppInfo((state) => state.info?.version ?? '');
  const labelOf = (id: string): string =>
    servers?.find((server) => server.id === id)?.label ?? t('delivery.route.unknownServer');
  const logText = (): string =>
    message === undefined
      ? attemptsAsText(attempts)
      : attemptLogText({ ...message, attempts: [...attempts] }, { version, now: Date.now(), labelOf });
  return (
    <div className="timeline">
      <div className="timeline-head">
        <span>
          {attempts.length > 0
            ? t('delivery.timeline.attempts', { count: attempts.length })
            : t(message?.state === 'sending' ? 'delivery.timeline.underWay' : 'delivery.timeline.none')}
        </span>
        {attempts.length > 0 && (
          <span>
            <Button variant="quiet" size="small" icon={Copy} onPress={() => void copy(logText())}>
              {t('delivery.timeline.copy')}
            </Button>
            <Button
              variant="quiet"
              size="small"
              icon={Download}
              onPress={() => saveText(logText(), logFileName(message?.subject ?? '', attempts))}
            >
              {t('outbox.log.save')}
            </Button>
          </span>
        )}
      </div>
      {attempts.length > 0 && (
        <ol className="timeline-list">
          {attempts.map((attempt) => (
            <AttemptLine key={`${attempt.startedAt} ${attempt.endpoint}`} attempt={attempt} />
          ))}
        </ol>
      )}
      {skipped.length > 0 && (
        <div className="timeline-skipped">
          <SkippedView skipped={[...skipped]} labelOf={labelOf} />
        </div>
      )}
    </div>
  );
}

function AttemptLine({ attempt }: { attempt: Attempt }) {
  const mark = markOf(attempt.outcome);
  const words = wordsOf(attempt);
  const recipients = attempt.recipients ?? [];
  return (
    <li className="timeline-attempt" data-state-colour={mark}>
      <div className="timeline-line">
        <StateMark state={mark} word={t(`delivery.outcome.${attempt.outcome}`)} look="chip" />
        <strong>{attempt.serverLabel}</strong>
        <bdi className="timeline-muted">{attempt.endpoint}</bdi>
        <span className="timeline-time timeline-muted" title={formatDateFull(attempt.startedAt)}>
          {formatMoment(attempt.startedAt)}, {t('delivery.timeline.took', { time: formatDuration(attempt.durationMs) })}
        </span>
      </div>
      <StageTrack
        label={t('delivery.timeline.stages', { endpoint: attempt.endpoint })}
        ticks={ticksOf(attempt).map((tick) => toStageTick(tick, attempt))}
      />
      {/* Without a reply code the words are ours: the server said nothing. */}
      {words !== '' && attempt.replyCode === undefined && words !== attempt.meaning && (
        <p className="timeline-muted">{words}</p>
      )}
      {words !== '' && attempt.replyCode !== undefined && (
        <blockquote className="timeline-quote">
          <span className="ui-visually-hidden">{t('delivery.check.serverSays')}: </span>
          <bdi>{words}</bdi>
        </blockquote>
      )}
      <p>{attempt.meaning}</p>
      {recipients.length > 0 && (
        <ul className="timeline-recipients" aria-label={t('delivery.timeline.recipients')}>
          {recipients.map((reply) => (
            <li key={reply.mailbox}>
              <bdi>{reply.mailbox}</bdi>{' '}
              <span className="timeline-muted">
                {t('delivery.stage.rcpt')} {replyWords(reply)}
              </span>
            </li>
          ))}
        </ul>
      )}
      {attempt.transcript.length > 0 && (
        <Details summary={t('delivery.timeline.transcript')} text={attempt.transcript.join('\n')} />
      )}
    </li>
  );
}

function toStageTick(tick: Tick, attempt: Attempt): StageTick {
  return {
    id: tick.stage,
    label: t(`delivery.stage.${tick.stage}`),
    kind: tick.kind,
    state: markOf(attempt.outcome),
    detail: [detailOf(tick, attempt), tick.text].filter((part) => part !== '').join(': '),
  };
}

function detailOf({ kind, durationMs }: Tick, attempt: Attempt): string {
  switch (kind) {
    case 'unreached':
      return t('delivery.tick.unreached');
    case 'skipped':
      return t('delivery.tick.skipped');
    case 'last':
      return t(`delivery.outcome.${attempt.outcome}`);
    case 'done':
      return durationMs === null
        ? t('delivery.tick.done-untimed')
        : t('delivery.tick.done', { time: formatDuration(durationMs) });
  }
}

async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  showToast({ text: t('delivery.timeline.copied') });
}
