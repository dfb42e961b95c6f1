import { ExternalLink, MailX } from 'lucide-react';
import { useState } from 'react';
import { folder } from '#shared/mail/folder.ts';
import type { ParsedMessage } from '#shared/mail/message.ts';
import type { ListUnsubscribe } from '#shared/mail/unsubscribe.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Dialog, showToast } from '../../ui/index.ts';
import { useOpenOutside } from './use-open-outside.ts';

/** Senders of junk take it as a sign that somebody reads; what is ours was sent by no list. */
const notOffered: readonly string[] = [folder.junk, folder.quarantine, folder.sent, folder.drafts, folder.outbox];

/** Whether a message offers a way off its list that is worth offering on. */
function canLeaveList(message: Pick<ParsedMessage, 'folder' | 'scan' | 'unsubscribe'>): boolean {
  return message.unsubscribe !== undefined && message.scan?.isHeld !== true && !notOffered.includes(message.folder);
}

/** The way that asks least of a person. */
function bestWay({ oneClick, mail }: ListUnsubscribe): 'one-click' | 'mail' | 'page' {
  if (oneClick !== undefined) return 'one-click';
  return mail === undefined ? 'page' : 'mail';
}

/** The button beside the sender of a mailing list, and what it asks before anything leaves. */
export function LeaveList({ message }: { message: ParsedMessage }) {
  const [asks, setAsks] = useState(false);
  const { unsubscribe } = message;
  if (unsubscribe === undefined || !canLeaveList(message)) return null;
  return (
    <>
      <Button variant="link" onPress={() => setAsks(true)}>
        {t('reading.leave')}
      </Button>
      {asks && <LeaveDialog message={message} ways={unsubscribe} onClose={() => setAsks(false)} />}
    </>
  );
}

function LeaveDialog({
  message: { messageKey },
  ways,
  onClose,
}: {
  message: ParsedMessage;
  ways: ListUnsubscribe;
  onClose: () => void;
}) {
  const api = useApi();
  const open = useNavigation((state) => state.open);
  const openOutside = useOpenOutside();
  const [isAsking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const way = bestWay(ways);
  const { page } = ways;

  async function leave(by: 'one-click' | 'mail'): Promise<void> {
    const { item } = await api.call('message.unsubscribe', { messageKey, way: by });
    if (item === null) showToast({ text: t('reading.leave.told', { host: hostOf(ways.oneClick) }) });
    else
      showToast({
        text: t('reading.leave.mailed', { to: ways.mail?.to ?? '' }),
        action: { label: t('composing.showOutbox'), onPress: () => open({ kind: 'outbox' }) },
      });
    onClose();
  }
  function act(work: Promise<void>): void {
    setAsking(true);
    setError(null);
    work.catch(setError).finally(() => setAsking(false));
  }
  const visit = (url: string): void => act(openOutside(url).then(onClose));

  return (
    <Dialog
      title={t('reading.leave.title')}
      isOpen
      onClose={onClose}
      actions={
        <>
          {way !== 'page' && page !== undefined && (
            <Button icon={ExternalLink} onPress={() => visit(page)}>
              {t('reading.leave.page')}
            </Button>
          )}
          {way === 'page' && page !== undefined ? (
            <Button variant="primary" icon={ExternalLink} autoFocus onPress={() => visit(page)}>
              {t('reading.linkOpen', { host: hostOf(page) })}
            </Button>
          ) : (
            <Button
              variant="primary"
              icon={MailX}
              autoFocus
              isPending={isAsking}
              onPress={() => act(leave(way === 'mail' ? 'mail' : 'one-click'))}
            >
              {t('reading.leave')}
            </Button>
          )}
        </>
      }
    >
      <div className="reading-link-dialog">
        <Explained ways={ways} />
        <p className="reading-muted">{t('reading.leave.hint')}</p>
        <FormError error={error} />
      </div>
    </Dialog>
  );
}

/** What will happen, before it does. */
function Explained({ ways }: { ways: ListUnsubscribe }) {
  const way = bestWay(ways);
  if (way === 'mail' && ways.mail !== undefined)
    return (
      <>
        <p>{t('reading.leave.byMail')}</p>
        <p className="reading-host">{ways.mail.to}</p>
        <blockquote className="reading-leave-words" dir="auto">
          <strong>{t('reading.leave.subject', { subject: ways.mail.subject })}</strong>
          {ways.mail.text !== '' && <span>{ways.mail.text}</span>}
        </blockquote>
      </>
    );
  return (
    <>
      <p>{t(way === 'page' ? 'reading.leave.byPage' : 'reading.leave.byOneClick')}</p>
      <p className="reading-host">{hostOf(way === 'page' ? ways.page : ways.oneClick)}</p>
    </>
  );
}

function hostOf(address: string | undefined): string {
  return address !== undefined && URL.canParse(address) ? new URL(address).hostname : '';
}
