import { ChevronDown, ChevronRight } from 'lucide-react';
import { useId, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import type { OutboxItem } from '#shared/mail/outbox.ts';
import { formatAgo, formatDateFull, formatMoment, formatSize, t } from '../../i18n/index.ts';
import { Icon, StateMark } from '../../ui/index.ts';
import { AttemptTimeline } from './attempt-timeline.tsx';
import { ItemActions } from './item-actions.tsx';
import { markOfItem, wordOf } from './item-model.ts';
import { replyWords } from './timeline-model.ts';

/** One message on its way: folded, a line with its state and buttons; open, everything that happened. */
export function ItemRow({ item, onError }: { item: OutboxItem; onError: (error: unknown) => void }) {
  const [chosen, setChosen] = useState<boolean | null>(null);
  // What asks for a decision lies open until it is folded by hand.
  const isOpen = chosen ?? item.heldFor === 'uncertain';
  const detailId = useId();
  const mark = markOfItem(item);
  return (
    <li className="outbox-item" data-state-colour={mark}>
      <div className="outbox-row">
        <AriaButton
          className="outbox-fold"
          aria-expanded={isOpen}
          aria-controls={detailId}
          onPress={() => setChosen(!isOpen)}
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
      {!isOpen && <p className="outbox-explanation">{item.explanation}</p>}
      <div id={detailId} className="outbox-detail" hidden={!isOpen}>
        {isOpen && <ItemDetail item={item} />}
      </div>
    </li>
  );
}

function ItemDetail({ item }: { item: OutboxItem }) {
  return (
    <>
      {item.heldFor === 'uncertain' ? (
        <div className="outbox-uncertain">
          <strong>{t('outbox.uncertain.title')}</strong>
          <p>{t('outbox.uncertain.text')}</p>
          <ul>
            <li>{t('outbox.uncertain.arrived')}</li>
            <li>{t('outbox.uncertain.resend')}</li>
            <li>{t('outbox.uncertain.discard')}</li>
          </ul>
        </div>
      ) : (
        <p>{item.explanation}</p>
      )}
      <Recipients item={item} />
      <AttemptTimeline attempts={item.attempts} skipped={item.skipped} />
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

function whenOf(item: OutboxItem): string {
  if (item.deferredUntil === undefined) return '';
  const moment = formatMoment(item.deferredUntil);
  if (item.heldFor === 'send-later') return t('outbox.sendsAt', { moment });
  return item.state === 'deferred' ? t('outbox.nextTry', { moment }) : '';
}
