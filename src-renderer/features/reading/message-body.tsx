import { Image } from 'lucide-react';
import { useState } from 'react';
import type { ParsedMessage } from '#shared/mail/message.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useSettings } from '../../projection/stores.ts';
import { Banner, Button } from '../../ui/index.ts';
import { HtmlBody } from './html-body.tsx';
import { TextBody } from './text-body.tsx';

/** What the message says, as text or made harmless as formatted. */
export function MessageBody(props: {
  message: ParsedMessage;
  showsText: boolean;
  onLink: (address: string, text: string) => void;
  onKey: (event: KeyboardEvent) => void;
}) {
  const { message } = props;
  const api = useApi();
  const sender = message.from[0]?.mailbox.toLowerCase() ?? '';
  const trusted = useSettings((state) => state.settings?.preferences.remoteContentFrom ?? noSenders);
  const [isAllowedOnce, setAllowedOnce] = useState(false);
  const [blockedCount, setBlockedCount] = useState(0);
  const allowsRemote = isAllowedOnce || (sender !== '' && trusted.includes(sender));
  if (props.showsText || message.html === null) return <TextBody text={message.text} onLink={props.onLink} />;
  return (
    <>
      {blockedCount > 0 && !allowsRemote && (
        <Banner
          level="info"
          className="reading-blocked"
          actions={
            <>
              <Button size="small" icon={Image} onPress={() => setAllowedOnce(true)}>
                {t('reading.showPictures')}
              </Button>
              {sender !== '' && (
                <Button
                  size="small"
                  variant="quiet"
                  onPress={() => void api.call('settings.setPreferences', { remoteContentFrom: [...trusted, sender] })}
                >
                  {t('reading.showPicturesFrom', { who: sender })}
                </Button>
              )}
            </>
          }
        >
          {t('reading.blockedText', { count: blockedCount })}
        </Banner>
      )}
      <HtmlBody
        message={message}
        html={message.html}
        allowsRemote={allowsRemote}
        onBlocked={setBlockedCount}
        onLink={props.onLink}
        onKey={props.onKey}
      />
    </>
  );
}

const noSenders: readonly string[] = [];
