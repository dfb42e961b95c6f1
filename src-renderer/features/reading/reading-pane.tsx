import { MailOpen } from 'lucide-react';
import { type ReactNode, type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { folder } from '#shared/mail/folder.ts';
import type { MessageSummary, ParsedMessage } from '#shared/mail/message.ts';
import type { Attempt } from '#shared/mail/outbox.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { setFlag } from '../../projection/actions.ts';
import type { MessageActs } from '../../projection/message-entries.ts';
import { useSettings } from '../../projection/stores.ts';
import { EmptyState, ErrorPanel, Section, Skeleton } from '../../ui/index.ts';
import { Attachments } from './attachments.tsx';
import { BeginningNote } from './beginning-note.tsx';
import { HeldMessage } from './held-message.tsx';
import { InvitationCard } from './invitation-card.tsx';
import { isOnlyInvitation } from './invitation-words.ts';
import { JunkWhy } from './junk-why.tsx';
import { LinkDialog, type PressedLink } from './link-dialog.tsx';
import { MessageBody } from './message-body.tsx';
import { MessageHead } from './message-head.tsx';
import { MessageNotes } from './message-notes.tsx';
import { ruleStart } from './rule-start.ts';
import { SourceView } from './source-view.tsx';
import { Toolbar } from './toolbar.tsx';
import { useMessage, usePrefetch } from './use-message.ts';
import './reading.css';

/** What keys ask of the message in view: told by the window, which knows no message. */
export type ReadingSignal = 'toggle-source' | 'print';

export interface ReadingPaneProps {
  row: MessageSummary;
  nextKey: MessageSummary['messageKey'] | null;
  acts: MessageActs;
  /** Raised with every key that asks for something. */
  signal: { name: ReadingSignal; count: number } | null;
  onBack: (() => void) | null;
  onFrameKey: (event: KeyboardEvent) => void;
  /** Above the message: where it stands among others. */
  strip?: ReactNode;
  /** How the attempts to send a message are shown. */
  renderAttempts: (attempts: readonly Attempt[]) => ReactNode;
}

/** One message, to be read. */
export function ReadingPane(props: ReadingPaneProps) {
  const opened = useMessage(props.row.messageKey);
  const answered = useAnswered(props.signal, props.row.messageKey);
  usePrefetch(props.nextKey);
  useMarkRead(props.row, opened.kind === 'ready');
  return (
    <article className="reading" aria-label={t('reading.label')} data-reading-pane="" tabIndex={-1}>
      {opened.kind === 'loading' && <Waiting row={props.row} />}
      {opened.kind === 'failed' && (
        <div className="reading-failed">
          <ErrorPanel
            headline={t('reading.failed')}
            error={opened.error}
            action={{ label: t('ui.retry'), onPress: opened.retry }}
          />
        </div>
      )}
      {opened.kind === 'ready' && (
        <Shown
          key={opened.message.messageKey}
          {...props}
          message={opened.message}
          answered={answered}
          onChanged={opened.again}
        />
      )}
    </article>
  );
}

/** Nothing selected: what will be here. */
export function NothingOpen() {
  return <EmptyState icon={MailOpen} title={t('messages.nothingOpenTitle')} text={t('messages.nothingOpenText')} />;
}

function Shown(
  props: ReadingPaneProps & { message: ParsedMessage; answered: RefObject<number>; onChanged: () => void },
) {
  const { message, row, signal } = props;
  const [showsText, setShowsText] = useState(message.html === null);
  const [showsSource, setShowsSource] = useState(false);
  const [showsWay, setShowsWay] = useState(false);
  const [asksJunk, setAsksJunk] = useState(false);
  const [link, setLink] = useState<PressedLink | null>(null);
  const compose = useNavigation((state) => state.compose);
  const open = useNavigation((state) => state.open);
  const like = ruleStart(message);
  const attempts = useAttempts(row);

  const onLink = useCallback(
    (address: string, text: string) => {
      if (/^mailto:/i.test(address)) compose({ kind: 'new', mailto: address });
      else setLink({ address, text });
    },
    [compose],
  );
  const toggleSource = (): void => setShowsSource((now) => !now);
  useSignal(signal, props.answered, { 'toggle-source': toggleSource, print: () => window.print() });
  const scan = message.scan?.isHeld === true ? message.scan : null;

  return (
    <>
      <Toolbar
        row={row}
        acts={props.acts}
        hasHtml={message.html !== null}
        showsText={showsText}
        showsSource={showsSource}
        showsWay={showsWay}
        onToggleText={() => setShowsText(!showsText)}
        isHeld={scan !== null}
        onToggleSource={toggleSource}
        onJunkWhy={() => setAsksJunk(true)}
        onMakeRule={
          like === null || scan !== null
            ? null
            : () => open({ kind: 'rules', like: { ...like, folder: row.folder, messageKey: row.messageKey } })
        }
        onToggleWay={attempts.length === 0 ? null : () => setShowsWay(!showsWay)}
        onPrint={() => window.print()}
        onBack={props.onBack}
      />
      {props.strip}
      <section
        className="reading-scroll"
        aria-label={t('reading.text')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keys
        tabIndex={0}
        data-reading-scroll=""
      >
        <div className="reading-column">
          <MessageHead message={message} />
          {showsWay && (
            <Section title={t('reading.wayTitle')} className="reading-way">
              {props.renderAttempts(attempts)}
            </Section>
          )}
          {scan !== null && (
            <HeldMessage
              {...{ message, scan, showsSource }}
              onToggleSource={toggleSource}
              onChanged={props.onChanged}
            />
          )}
          {scan === null && <BeginningNote message={message} />}
          <MessageNotes {...{ message, showsSource }} onToggleSource={toggleSource} />
          {showsSource && <SourceView message={message} />}
          {!showsSource && scan === null && (
            <>
              <InvitationCard message={message} onLink={onLink} />
              {!isOnlyInvitation(message) && (
                <MessageBody message={message} showsText={showsText} onLink={onLink} onKey={props.onFrameKey} />
              )}
              <Attachments message={message} />
            </>
          )}
        </div>
      </section>
      {asksJunk && <JunkWhy row={row} onClose={() => setAsksJunk(false)} />}
      {link !== null && <LinkDialog link={link} onClose={() => setLink(null)} />}
    </>
  );
}

function Waiting({ row }: { row: MessageSummary }) {
  return (
    <div className="reading-column reading-waiting" aria-busy="true">
      <h2 className="reading-subject" dir="auto">
        {row.subject === '' ? t('messages.noSubject') : row.subject}
      </h2>
      <Skeleton width="40%" />
      <Skeleton width="100%" height={140} />
      <span className="ui-visually-hidden" role="status">
        {t('reading.loading')}
      </span>
    </div>
  );
}

/** How a message of ours left, once it was sent. */
function useAttempts(row: MessageSummary): readonly Attempt[] {
  const api = useApi();
  const [attempts, setAttempts] = useState<readonly Attempt[]>([]);
  const isOurs = row.folder === folder.sent || row.folder === folder.outbox;
  useEffect(() => {
    if (!isOurs) return;
    let isOld = false;
    api.call('message.attempts', { messageKey: row.messageKey }).then(
      ({ item }) => {
        if (!isOld) setAttempts(item?.attempts ?? []);
      },
      // Without a record there is nothing to show: the message was not sent from here.
      () => undefined,
    );
    return () => {
      isOld = true;
    };
  }, [api, row.messageKey, isOurs]);
  return attempts;
}

/** Marks a message read once it has been in view as long as the reader set. */
function useMarkRead(row: MessageSummary, isShown: boolean): void {
  const api = useApi();
  const afterSeconds = useSettings((state) => state.settings?.preferences.markReadAfterSeconds ?? 1);
  // Marking it unread by hand must not be undone by the clock: each message is marked once while it is in view.
  const marked = useRef<string | null>(null);
  const isRead = row.flags.includes('seen');
  useEffect(() => {
    if (!isShown || marked.current === row.messageKey) return;
    if (isRead) {
      marked.current = row.messageKey;
      return;
    }
    const timer = setTimeout(() => {
      marked.current = row.messageKey;
      void setFlag(api, [row.messageKey], 'seen', true);
    }, afterSeconds * 1000);
    return () => clearTimeout(timer);
  }, [api, row.messageKey, isRead, isShown, afterSeconds]);
}

/** The count of the last signal that was answered. A key pressed while a message is being opened waits for it, and for no other. */
function useAnswered(signal: ReadingPaneProps['signal'], messageKey: MessageSummary['messageKey']): RefObject<number> {
  const answered = useRef(signal?.count ?? 0);
  const latest = useRef(answered.current);
  latest.current = signal?.count ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another message is in view
  useLayoutEffect(() => {
    answered.current = latest.current;
  }, [messageKey]);
  return answered;
}

function useSignal(
  signal: ReadingPaneProps['signal'],
  answered: RefObject<number>,
  acts: Record<ReadingSignal, () => void>,
): void {
  const live = useRef(acts);
  live.current = acts;
  useEffect(() => {
    if (signal === null || signal.count === answered.current) return;
    answered.current = signal.count;
    live.current[signal.name]();
  }, [signal, answered]);
}
