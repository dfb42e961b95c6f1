import { ChevronDown, SendHorizontal } from 'lucide-react';
import { Button as AriaButton, DialogTrigger, Popover, Dialog as PopoverDialog } from 'react-aria-components';
import type { RouteExplanation } from '#shared/mail/outbox.ts';
import { formatMoment, t } from '../../i18n/index.ts';
import { useServers } from '../../projection/settings-parts.ts';
import { useSettings } from '../../projection/stores.ts';
import { Icon, ProgressRing } from '../../ui/index.ts';
import { RouteView } from '../../ui/route/route-view.tsx';
import { chipOf, type SendChip, type SendChoices } from './send-choices.ts';
import { SendLater, SendServer } from './send-options.tsx';

export interface SendButtonProps {
  route: RouteExplanation | null;
  choices: SendChoices;
  onChoose: (choices: SendChoices) => void;
  onSend: () => void;
  isSending: boolean;
}

/** Send, by whom, and behind the caret: the explained route, another server, another time. */
export function SendButton({ route, choices, onChoose, onSend, isSending }: SendButtonProps) {
  const servers = useServers();
  const isPaused = useSettings((state) => state.settings?.preferences.sendingPaused ?? false);
  const labelOf = (id: string): string =>
    servers.find((server) => server.id === id)?.label ?? t('delivery.route.unknownServer');
  const [chosen] = choices.serverIds;
  const chip = chipOf(route, chosen === undefined ? null : labelOf(chosen), isPaused);
  return (
    <div className="composer-send">
      <AriaButton
        className="composer-send-main"
        onPress={onSend}
        isPending={isSending}
        aria-keyshortcuts="Control+Enter"
      >
        {isSending ? <ProgressRing label={null} value={null} /> : <Icon of={SendHorizontal} />}
        <span>
          {isSending
            ? t('composing.sending')
            : choices.sendAt === null
              ? t('composing.send')
              : t('composing.sendAt', { moment: formatMoment(choices.sendAt) })}
        </span>
        <span className="composer-send-chip" data-kind={chip.kind}>
          {wordsOf(chip)}
        </span>
      </AriaButton>
      <DialogTrigger>
        <AriaButton className="composer-send-caret" aria-label={t('composing.options')}>
          <Icon of={ChevronDown} />
        </AriaButton>
        <Popover className="ui-popover composer-options" placement="top end" offset={6}>
          <PopoverDialog className="composer-options-inner" aria-label={t('composing.options.title')}>
            {route !== null && <RouteView route={route} labelOf={labelOf} />}
            <SendServer servers={servers} choices={choices} onChoose={onChoose} />
            <SendLater choices={choices} onChoose={onChoose} />
          </PopoverDialog>
        </Popover>
      </DialogTrigger>
    </div>
  );
}

function wordsOf(chip: SendChip): string {
  switch (chip.kind) {
    case 'paused':
      return t('composing.paused');
    case 'offline':
      return t('composing.byOffline');
    case 'by':
      return t('composing.by', { server: chip.server });
    case 'nobody':
      return t('composing.byNobody');
    case 'cannot':
      return t('composing.byCannot');
    case 'unknown':
      return t('composing.byUnknown');
  }
}
