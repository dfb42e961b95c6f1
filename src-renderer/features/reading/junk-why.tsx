import { useEffect, useState } from 'react';
import { folder } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { JunkVerdict } from '#shared/mail/rule.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Dialog, Skeleton } from '../../ui/index.ts';
import { JunkReasons } from '../../ui/junk-reasons.tsx';

/** What the junk filter thinks of a message, wherever it lies, and because of which words. */
export function JunkWhy({ row, onClose }: { row: MessageSummary; onClose: () => void }) {
  const api = useApi();
  const [verdict, setVerdict] = useState<JunkVerdict | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    api.call('junk.explain', { messageKey: row.messageKey }).then(setVerdict, setError);
  }, [api, row.messageKey]);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('reading.junkWhy')}
      size="small"
      actions={
        <Button onPress={onClose} autoFocus>
          {t('ui.close')}
        </Button>
      }
    >
      <FormError error={error} />
      {verdict === null && error === null && <Skeleton height={80} />}
      {verdict !== null && <Verdict verdict={verdict} isInJunk={row.folder === folder.junk} />}
    </Dialog>
  );
}

function Verdict({ verdict, isInJunk }: { verdict: JunkVerdict; isInJunk: boolean }) {
  return (
    <div role="status" className="reading-junk">
      <p>{t(verdict.isJunk ? 'reading.junkIs' : 'reading.junkIsNot')}</p>
      <JunkReasons verdict={verdict} isInJunk={isInJunk} mutedClass="reading-muted" />
    </div>
  );
}
