import { ChevronDown, ChevronRight } from 'lucide-react';
import { useId } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import type { OutboxId } from '#shared/ids.ts';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { formatAgo, formatDateFull, formatDue, formatList, formatSize, t } from '../../i18n/index.ts';
import { useSettings } from '../../projection/stores.ts';
import { Icon, Skeleton, StateMark } from '../../ui/index.ts';
import { AttemptTimeline } from './attempt-timeline.tsx';
import { ItemActions } from './item-actions.tsx';
import { markOfItem, wordOf } from './item-model.ts';
import { replyWords } from './timeline-model.ts';
import { useAttempts } from './use-attempts.ts';

export interface ItemRowProps {
  item: OutboxItem;
  /** Where it lies in the list. */
  place: { topPx: number; number: number; of: number };
  rowRef: (row: HTMLElement | null) => (() => void) | undefined;
  isOpen: boolean;
  onFold: (id: OutboxId, isOpen: boolean) => void;
  onError: (error: unknown) => void;
}

/** One message on its way: folded, a line with its state and buttons; open, everything that happened. */
export function ItemRow({ item, place, rowRef, isOpen, onFold, onError }: ItemRowProps) {
  const detailId = useId();
  const mark = markOfItem(item);
  return (
    <li
      ref={rowRef}
      data-row={item.outboxId}
      className="outbox-item"
      data-state-colour={mark}
      style={{ insetBlockStart: place.topPx }}
      aria-setsize={place.of}
      aria-posinset={place.number}
    >
      <div className="outbox-row">
        <AriaButton
          className="outbox-fold"
          aria-expanded={isOpen}
          aria-controls={detailId}
          onPress={() => onFold(item.outboxId, !isOpen)}
        >
          <Icon of={isOpen ? ChevronDown : ChevronRight} />
          <span className="outbox-words">
            <span className="outbox-subject">{item.subject === '' ? t('outbox.noSubject') : item.subject}</span>
            <span className="outbox-muted">{t('outbox.to', { recipients: recipientsOf(item) })}</span>
          </span>
        </AriaButton>
        <div className="outbox-standing">
          <StateMark state={mark} word={t(`outbox.word.${wordOf(item)}`)} look="chip" />
          <span className="outbox-muted">{whenOf(item)}</span>
        </div>
        <ItemActions item={item} onError={onError} />
      </div>
      {!isOpen && <p className="outbox-explanation">{inShort(item)}</p>}
      <div id={detailId} className="outbox-detail" hidden={!isOpen}>
        {isOpen && <ItemDetail item={item} />}
      </div>
    </li>
  );
}

function ItemDetail({ item }: { item: OutboxItem }) {
  const attempts = useAttempts(item);
  const servers = useSettings((state) => state.settings?.servers);
  const labelOf = (id: string): string =>
    servers?.find((server) => server.id === id)?.label ?? t('delivery.route.unknownServer');
  return (
    <>
      {item.uncertain.length > 0 ? <Uncertain item={item} /> : <p>{item.explanation}</p>}
      {item.serverIds !== undefined && (
        <p className="outbox-muted">
          {t('outbox.onlyBy', { servers: formatList(item.serverIds.map((id) => labelOf(id))) })}
        </p>
      )}
      <Recipients item={item} />
      {attempts === null ? (
        <Skeleton height={48} />
      ) : (
        <AttemptTimeline attempts={attempts} skipped={item.skipped} message={item} />
      )}
      <p className="outbox-muted outbox-facts">
        <span>{t('outbox.from', { mailbox: item.from })}</span>
        <span title={formatDateFull(item.queuedAt)}>{t('outbox.queuedAt', { moment: formatAgo(item.queuedAt) })}</span>
        <span>{formatSize(item.sizeOctets)}</span>
        <span>
          {t('outbox.messageId')} <bdi>{item.messageId}</bdi>
        </span>
      </p>
    </>
  );
}

/** What a person is asked, with what each answer does, for whom. */
function Uncertain({ item }: { item: OutboxItem }) {
  const uncertain = formatList(item.uncertain);
  const waits = item.pending.length > 0 ? formatList(item.pending) : null;
  return (
    <div className="outbox-uncertain">
      <strong>{t('outbox.uncertain.title')}</strong>
      <p>{t('outbox.uncertain.who', { recipients: uncertain })}</p>
      <p>{t('outbox.uncertain.text')}</p>
      <ul>
        <li>{t('outbox.uncertain.arrived')}</li>
        <li>{t('outbox.uncertain.resend', { recipients: uncertain })}</li>
        <li>
          {item.accepted.length > 0
            ? t('outbox.uncertain.discardSome', { accepted: formatList(item.accepted) })
            : t('outbox.uncertain.discard')}
        </li>
      </ul>
      {waits !== null && <p>{t('outbox.uncertain.others', { recipients: waits })}</p>}
    </div>
  );
}

function Recipients({ item }: { item: OutboxItem }) {
  const rows = [
    ...item.accepted.map((mailbox) => ({ mailbox, state: 'took-it', word: 'accepted', text: '' }) as const),
    ...item.refused.map(
      (reply) => ({ mailbox: reply.mailbox, state: 'refused', word: 'refused', text: replyWords(reply) }) as const,
    ),
    ...item.uncertain.map((mailbox) => ({ mailbox, state: 'uncertain', word: 'uncertain', text: '' }) as const),
    ...item.pending.map((mailbox) => ({ mailbox, state: 'waiting', word: 'pending', text: '' }) as const),
  ];
  // With one recipient the state of the message says it already.
  if (rows.length < 2) return null;
  return (
    <ul className="outbox-recipients" aria-label={t('outbox.recipients.title')}>
      {rows.map(({ mailbox, state, word, text }) => (
        <li key={mailbox}>
          <StateMark state={state} word={t(`outbox.recipient.${word}`)} />
          <bdi>{mailbox}</bdi>
          {text !== '' && <span className="outbox-muted">{text}</span>}
        </li>
      ))}
    </ul>
  );
}

function recipientsOf(item: OutboxItem): string {
  const all = [...item.pending, ...item.uncertain, ...item.accepted, ...item.refused.map(({ mailbox }) => mailbox)];
  const shown = all.slice(0, 2).join(', ');
  return all.length <= 2 ? shown : `${shown} ${t('outbox.recipients.more', { count: all.length - 2 })}`;
}

/** The line of a folded message: what a server said stands in it, since nothing stands below. */
function inShort(item: OutboxItem): string {
  const [first] = item.refused;
  if (item.state !== 'failed' || first === undefined) return item.explanation;
  const reply = { mailbox: first.mailbox, words: replyWords(first) };
  const others = item.refused.length - 1;
  return others === 0 ? t('outbox.refused.one', reply) : t('outbox.refused.all', { ...reply, count: others });
}

function whenOf(item: OutboxItem): string {
  if (item.deferredUntil === undefined) return '';
  const moment = formatDue(item.deferredUntil);
  if (item.heldFor === 'send-later' || item.heldFor === 'undo') return t('outbox.sendsAt', { moment });
  return item.state === 'deferred' ? t('outbox.nextTry', { moment }) : '';
}
