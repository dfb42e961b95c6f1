import { Paperclip, Trash2, X } from 'lucide-react';
import { type KeyboardEvent, useEffect, useEffectEvent, useRef, useState } from 'react';
import { FileTrigger } from 'react-aria-components';
import type { ComposeKind, Draft, DraftContent } from '#shared/mail/message.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useIdentities } from '../../projection/settings-parts.ts';
import { useSettings } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Banner, IconButton } from '../../ui/index.ts';
import { Attachments } from './attachments.tsx';
import { BodyEditor } from './body-editor.tsx';
import { DraftLine } from './draft-line.tsx';
import { domainOfAny } from './from-address.ts';
import { HeaderFields } from './header-fields.tsx';
import { SendButton } from './send-button.tsx';
import { choicesOf, optionsOf, type SendChoices } from './send-choices.ts';
import { isAdding, obstacleOf, obstacleOfFrom, sizeOf } from './sendable.ts';
import { useClosing } from './use-closing.ts';
import { useDraft } from './use-draft.ts';
import { useFileDrop } from './use-file-drop.ts';
import { useRoute } from './use-route.ts';
import { useSending } from './use-sending.ts';
import { useUploads } from './use-uploads.ts';

interface ComposerFormProps {
  id: string;
  kind: ComposeKind;
  draft: Draft;
  /** Something to know about this draft. */
  note: string | undefined;
}

/** The composer once its draft is there. */
export function ComposerForm({ id, kind, draft, note }: ComposerFormProps) {
  const api = useApi();
  const identities = useIdentities();
  const prefersRich = useSettings((state) => state.settings?.preferences.composeFormat === 'rich');
  const open = useDraft(draft);
  const { content, change } = open;
  const [choices, setChoices] = useState<SendChoices>(() => choicesOf(draft));
  const [isNoteShown, setNoteShown] = useState(note !== undefined);
  const choose = (chosen: SendChoices): void => {
    setChoices(chosen);
    change({ send: optionsOf(chosen) });
  };
  const [obstacle, setObstacle] = useState<string | null>(null);
  const [isSentOnceAdded, setSentOnceAdded] = useState(false);
  const uploads = useUploads((attachment) =>
    change((before) => ({ attachments: [...before.attachments, attachment] })),
  );
  const drop = useFileDrop(uploads.add);
  const closing = useClosing(id, open);
  const sending = useSending(id, open);
  const room = useRef<HTMLElement>(null);
  const identity = identities.find(({ id: one }) => one === content.identityId) ?? identities[0];
  const route = useRoute(
    (domainOfAny(identity) === null ? undefined : content.from) ?? identity?.address ?? '',
    recipientsOf(content),
    sizeOf(content),
  );

  const send = (): void => {
    const found = obstacleOf(content) ?? obstacleOfFrom(content, identity);
    const waits = found === null && isAdding(uploads.uploading);
    setObstacle(found);
    setSentOnceAdded(waits);
    if (found === null && !waits) sending.send(optionsOf(choices));
  };
  // Asked to send while a file was still on its way: nobody has to ask twice. One that failed stops it.
  const isReady = isSentOnceAdded && !isAdding(uploads.uploading);
  const hasFailed = uploads.uploading.length > 0;
  const sendNow = useEffectEvent(send);
  useEffect(() => {
    if (!isReady) return;
    setSentOnceAdded(false);
    if (!hasFailed) sendNow();
  }, [isReady, hasFailed]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || !(event.target instanceof Node) || room.current?.contains(event.target) !== true)
      return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      closing.close();
    }
  };
  const remove = ({ uploadId }: DraftContent['attachments'][number]): void => {
    change((before) => ({ attachments: before.attachments.filter((other) => other.uploadId !== uploadId) }));
    // The file here is a copy; one that is gone already needs no second removal.
    api.call('upload.discard', { uploadId }).catch(() => undefined);
  };

  return (
    <section
      ref={room}
      className="composer"
      aria-label={t(`composing.${kind}`)}
      data-dropping={drop.isOver ? t('composing.drop') : undefined}
      inert={sending.isSending}
      onKeyDownCapture={(event) => {
        // Ahead of the editor, which would make a line break of it.
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onKeyDown(event);
      }}
      onKeyDown={onKeyDown}
      {...drop.handlers}
    >
      <header className="composer-head">
        <h2 className="composer-title">{content.subject.trim() === '' ? t(`composing.${kind}`) : content.subject}</h2>
        <IconButton label={t('composing.close')} icon={X} shortcut="Esc" onPress={closing.close} />
      </header>
      {isNoteShown && (
        <Banner level="info" onDismiss={() => setNoteShown(false)}>
          {note}
        </Banner>
      )}
      <HeaderFields content={content} change={change} identities={identities} focusesTo={content.to.length === 0} />
      <BodyEditor
        content={content}
        onChange={change}
        prefersRich={prefersRich && kind !== 'edit'}
        autoFocus={content.to.length > 0}
      />
      <Attachments
        attachments={content.attachments}
        uploading={uploads.uploading}
        onRemove={remove}
        onStop={uploads.stop}
      />
      <div className="composer-errors" role="status">
        {isSentOnceAdded && <p>{t('composing.stillAdding')}</p>}
        {obstacle !== null && <p className="composer-obstacle">{obstacle}</p>}
        <FormError error={sending.error ?? closing.error} />
      </div>
      <footer className="composer-foot">
        <SendButton route={route} choices={choices} onChoose={choose} onSend={send} isSending={sending.isSending} />
        <FileTrigger allowsMultiple onSelect={(files) => files !== null && uploads.add(files)}>
          <IconButton label={t('composing.attach')} icon={Paperclip} iconSize={20} />
        </FileTrigger>
        <DraftLine content={content} status={open.status} />
        <IconButton label={t('composing.discard')} icon={Trash2} iconSize={20} onPress={closing.discard} />
      </footer>
    </section>
  );
}

function recipientsOf({ to, cc, bcc }: DraftContent): string[] {
  return [...to, ...cc, ...bcc].map(({ mailbox }) => mailbox).filter((mailbox) => mailbox.includes('@'));
}
