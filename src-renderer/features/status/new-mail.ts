import { useEffect } from 'react';
import { folder as fixed } from '#shared/mail/folder.ts';
import type { MessageSummary } from '#shared/mail/message.ts';
import type { Api } from '#shared/rpc/client.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useAppInfo, useSettings } from '../../projection/stores.ts';

/** What lies here is nobody's news. */
const quiet: readonly string[] = [fixed.junk, fixed.trash, fixed.quarantine];

/** Announces new mail while the window is not the one being looked at. */
export function useNewMailNotices(onOpen: (message: MessageSummary) => void): void {
  const api = useApi();
  useEffect(
    () =>
      api.on('mail.arrived', ({ count, messages }) => {
        const worth = messages.filter(({ folder }) => !quiet.includes(folder));
        // The first few are told of by name; of more than those, only the number is known.
        const number = count - (messages.length - worth.length);
        const wanted = useSettings.getState().settings?.preferences.notifyOfNewMail ?? false;
        if (wanted && !document.hasFocus() && number > 0) announce(api, number, worth, onOpen);
      }),
    [api, onOpen],
  );
}

function announce(
  api: Api,
  count: number,
  messages: readonly MessageSummary[],
  onOpen: (message: MessageSummary) => void,
): void {
  const [first] = messages;
  const title = t('status.newMailTitle', { count });
  const body = messages
    .slice(0, 3)
    .map((row) =>
      t('status.newMailFrom', {
        who: row.from.displayName || row.from.mailbox || t('messages.nobody'),
        subject: row.subject || t('messages.noSubject'),
      }),
    )
    .join('\n');
  if (useAppInfo.getState().info?.capabilities.notify === true)
    void api.call('host.notify', { title: title.slice(0, 200), body: body.slice(0, 1000) });
  else if ('Notification' in window && Notification.permission === 'granted') {
    const note = new Notification(title, { body, tag: 'postrider.new-mail', icon: '/icon.svg' });
    note.onclick = () => {
      window.focus();
      if (first !== undefined) onOpen(first);
    };
  }
}
