import { Lightbulb } from 'lucide-react';
import type { DraftContent } from '#shared/mail/message.ts';
import { formatTime, t } from '../../i18n/index.ts';
import { Icon } from '../../ui/index.ts';
import type { DraftStatus } from './draft-keeper.ts';
import { hintsFor } from './hints.ts';

/** Where the draft stands, and what may have been overlooked. Quiet: none of it stops a message. */
export function DraftLine({ content, status }: { content: DraftContent; status: DraftStatus }) {
  const hasBegun = content.to.length > 0 || content.text.trim() !== '' || content.attachments.length > 0;
  const hints = hasBegun ? hintsFor(content) : [];
  return (
    <div className="composer-line">
      {hints.map((hint) => (
        <span key={hint} className="composer-hint">
          <Icon of={Lightbulb} />
          {t(`composing.hint.${hint}`)}
        </span>
      ))}
      {/* Heard only when something is wrong: that it is saved, and saved again, is no news to somebody who writes. */}
      <span
        role={status.kind === 'failed' ? 'alert' : undefined}
        className="composer-muted"
        data-failed={status.kind === 'failed' ? '' : undefined}
      >
        {status.kind === 'saved'
          ? t('composing.status.saved', { time: formatTime(status.at) })
          : t(`composing.status.${status.kind}`)}
      </span>
    </div>
  );
}
