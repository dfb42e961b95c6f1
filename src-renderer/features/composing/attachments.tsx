import { File as FileIcon, X } from 'lucide-react';
import type { DraftAttachment } from '#shared/mail/message.ts';
import { formatSize, t } from '../../i18n/index.ts';
import { Icon, IconButton, ProgressRing } from '../../ui/index.ts';
import type { Uploading } from './use-uploads.ts';

export interface AttachmentsProps {
  attachments: readonly DraftAttachment[];
  uploading: readonly Uploading[];
  onRemove: (attachment: DraftAttachment) => void;
  onStop: (rowId: number) => void;
}

/** What goes with the message, and what is still being added. */
export function Attachments({ attachments, uploading, onRemove, onStop }: AttachmentsProps) {
  const count = attachments.length;
  return (
    <>
      {/* Heard, not seen: the cards below show it. */}
      <span role="status" className="ui-visually-hidden">
        {count === 0 ? '' : t('composing.attached', { count })}
      </span>
      {count + uploading.length > 0 && <Cards {...{ attachments, uploading, onRemove, onStop }} />}
    </>
  );
}

function Cards({ attachments, uploading, onRemove, onStop }: AttachmentsProps) {
  const total = attachments.reduce((sum, { sizeOctets }) => sum + sizeOctets, 0);
  return (
    <div className="composer-attachments">
      <ul aria-label={t('composing.attachments')}>
        {attachments.map((attachment) => (
          <li key={attachment.uploadId} className="composer-file">
            <Icon of={FileIcon} />
            <bdi className="composer-file-name">{attachment.fileName}</bdi>
            <span className="composer-muted composer-file-size">{formatSize(attachment.sizeOctets)}</span>
            <IconButton
              label={t('ui.remove', { what: attachment.fileName })}
              icon={X}
              size="small"
              onPress={() => onRemove(attachment)}
            />
          </li>
        ))}
        {uploading.map(({ rowId, fileName, share, error }) => (
          <li key={rowId} className="composer-file" data-failed={error === null ? undefined : ''}>
            {error === null ? (
              <ProgressRing label={t('composing.adding', { name: fileName })} value={share} />
            ) : (
              <Icon of={FileIcon} />
            )}
            <bdi className="composer-file-name" role={error === null ? undefined : 'alert'}>
              {error === null ? fileName : t('composing.adding.failed', { name: fileName })}
            </bdi>
            <IconButton
              label={t('composing.stopAdding', { name: fileName })}
              icon={X}
              size="small"
              onPress={() => onStop(rowId)}
            />
          </li>
        ))}
      </ul>
      {attachments.length > 1 && (
        <span className="composer-muted">{t('composing.total', { size: formatSize(total) })}</span>
      )}
    </div>
  );
}
