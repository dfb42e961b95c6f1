import { Mails, X } from 'lucide-react';
import type { MessageSummary } from '#shared/mail/message.ts';
import { t } from '../../i18n/index.ts';
import { type MessageActs, messageEntries } from '../../projection/message-entries.ts';
import { Button, EmptyState } from '../../ui/index.ts';

/** Several messages selected: what can be done with all of them. */
export function SelectionSummary({
  rows,
  count,
  acts,
  onClear,
}: {
  rows: readonly MessageSummary[];
  count: number;
  acts: MessageActs;
  onClear: () => void;
}) {
  return (
    <EmptyState
      icon={Mails}
      title={t('messages.selectedTitle', { count })}
      action={
        <div className="reading-bulk">
          {messageEntries(rows, acts).map((entry) =>
            entry.kind === 'separator' || entry.kind === 'submenu' ? null : (
              <Button
                key={entry.id}
                icon={entry.icon}
                variant={entry.isDanger === true ? 'quiet' : 'secondary'}
                onPress={entry.onAction}
              >
                {entry.label}
              </Button>
            ),
          )}
          <Button icon={X} variant="quiet" onPress={onClear}>
            {t('messages.clearSelection')}
          </Button>
        </div>
      }
    />
  );
}
