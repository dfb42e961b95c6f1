import { CodeXml, FileWarning, FolderInput, Printer, Type, X } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Toolbar } from 'react-aria-components';
import type { UploadId } from '#shared/ids.ts';
import type { ParsedMessage } from '#shared/mail/message.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { Banner, Button, EmptyState, IconButton, Skeleton } from '../../ui/index.ts';
import { Attachments } from './attachments.tsx';
import { InvitationCard } from './invitation-card.tsx';
import { isOnlyInvitation } from './invitation-words.ts';
import { LinkDialog, type PressedLink } from './link-dialog.tsx';
import { MessageBody } from './message-body.tsx';
import { MessageHead } from './message-head.tsx';
import { MessageNotes } from './message-notes.tsx';
import { SourceView } from './source-view.tsx';
import './reading.css';

export interface OpenedFileProps {
  uploadId: UploadId;
  fileName: string;
  onCopy: () => void;
  onClose: () => void;
  onImport: () => void;
}

type Answer = { kind: 'loading' } | { kind: 'failed'; why: string } | { kind: 'ready'; message: ParsedMessage };

/** A message file from the disk, to be read: nothing about it is changed, and it lies in no folder. */
export function OpenedFile(props: OpenedFileProps) {
  const { uploadId, fileName } = props;
  const api = useApi();
  const [answer, setAnswer] = useState<Answer>({ kind: 'loading' });
  const room = useRef<HTMLElement>(null);
  useEffect(() => {
    let isOld = false;
    room.current?.focus({ preventScroll: true });
    api.call('openedFile.get', { uploadId }).then(
      (message) => {
        if (!isOld) setAnswer({ kind: 'ready', message });
      },
      (error: unknown) => {
        if (!isOld) setAnswer({ kind: 'failed', why: error instanceof Error ? error.message : '' });
      },
    );
    return () => {
      isOld = true;
    };
  }, [api, uploadId]);
  return (
    <article
      ref={room}
      className="reading"
      aria-label={t('reading.file.label', { name: fileName })}
      aria-busy={answer.kind === 'loading'}
      tabIndex={-1}
      data-focus-home=""
    >
      <h1 className="ui-visually-hidden">{t('reading.file.label', { name: fileName })}</h1>
      {answer.kind === 'loading' && (
        <div className="reading-column reading-waiting">
          <Skeleton width="40%" />
          <Skeleton width="100%" height={140} />
          <span className="ui-visually-hidden" role="status">
            {t('reading.file.opening', { name: fileName })}
          </span>
        </div>
      )}
      {answer.kind === 'failed' && <Refused {...props} why={answer.why} />}
      {answer.kind === 'ready' && <Shown {...props} message={answer.message} />}
    </article>
  );
}

function Refused({ fileName, why, onClose, onImport }: OpenedFileProps & { why: string }) {
  return (
    <div role="alert">
      <EmptyState
        icon={FileWarning}
        title={t('reading.file.failed', { name: fileName })}
        text={`${why} ${t('reading.file.failedText')}`.trim()}
        action={
          <>
            <Button variant="primary" onPress={onClose}>
              {t('ui.close')}
            </Button>
            <Button onPress={onImport}>{t('importing.command')}</Button>
          </>
        }
      />
    </div>
  );
}

function Shown({ message, fileName, onCopy, onClose }: OpenedFileProps & { message: ParsedMessage }) {
  const [showsText, setShowsText] = useState(message.html === null);
  const [showsSource, setShowsSource] = useState(false);
  const [link, setLink] = useState<PressedLink | null>(null);
  const compose = useNavigation((state) => state.compose);
  const onLink = useCallback(
    (address: string, text: string) => {
      if (/^mailto:/i.test(address)) compose({ kind: 'new', mailto: address });
      else setLink({ address, text });
    },
    [compose],
  );
  const toggleSource = (): void => setShowsSource(!showsSource);
  return (
    <>
      <Toolbar className="reading-toolbar" aria-label={t('reading.actions')}>
        <Button icon={FolderInput} onPress={onCopy}>
          {t('reading.file.copy')}
        </Button>
        <span className="reading-gap" />
        {message.html !== null && !showsSource && (
          <IconButton
            label={t(showsText ? 'reading.asHtml' : 'reading.asText')}
            icon={Type}
            isActive={showsText}
            onPress={() => setShowsText(!showsText)}
          />
        )}
        <IconButton
          label={t(showsSource ? 'reading.hideSource' : 'reading.showSource')}
          icon={CodeXml}
          isActive={showsSource}
          onPress={toggleSource}
        />
        <IconButton label={t('reading.print')} icon={Printer} onPress={() => window.print()} />
        <IconButton label={t('reading.file.close')} icon={X} shortcut="Esc" onPress={onClose} />
      </Toolbar>
      <section
        className="reading-scroll"
        aria-label={t('reading.text')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keys
        tabIndex={0}
      >
        <div className="reading-column">
          <Banner level="info">{t('reading.file.where', { name: fileName })}</Banner>
          <MessageHead message={message} />
          <MessageNotes {...{ message, showsSource }} onToggleSource={toggleSource} />
          {showsSource ? (
            <SourceView message={message} />
          ) : (
            <>
              <InvitationCard message={message} onLink={onLink} />
              {!isOnlyInvitation(message) && (
                <MessageBody message={message} showsText={showsText} onLink={onLink} onKey={passOn} />
              )}
              <Attachments message={message} />
            </>
          )}
        </div>
      </section>
      {link !== null && <LinkDialog link={link} onClose={() => setLink(null)} />}
    </>
  );
}

/** A key pressed in the frame of formatted mail, as if it had been pressed beside it: Escape goes back from there, too. */
function passOn({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): void {
  document.body.dispatchEvent(
    new KeyboardEvent('keydown', { key, ctrlKey, metaKey, altKey, shiftKey, bubbles: true, cancelable: true }),
  );
}
