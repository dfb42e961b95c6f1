import { Copy, ExternalLink, TriangleAlert } from 'lucide-react';
import { t } from '../../i18n/index.ts';
import { Button, Dialog, Icon } from '../../ui/index.ts';
import { readLinkTarget } from './link-target.ts';
import { useOpenOutside } from './use-open-outside.ts';

export interface PressedLink {
  address: string;
  text: string;
}

/** Shows where a link truly leads before it is opened outside. */
export function LinkDialog({ link, onClose }: { link: PressedLink; onClose: () => void }) {
  const openOutside = useOpenOutside();
  const target = readLinkTarget(link.address, link.text);
  if (target.kind !== 'web')
    return (
      <Dialog title={t('reading.linkTitle')} isOpen onClose={onClose} size="small">
        <p>{t('reading.linkBad')}</p>
        <p className="reading-address">{link.address}</p>
      </Dialog>
    );

  async function open(url: string): Promise<void> {
    await openOutside(url);
    onClose();
  }

  return (
    <Dialog
      title={t('reading.linkTitle')}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button icon={Copy} onPress={() => void navigator.clipboard.writeText(target.url).then(onClose)}>
            {t('reading.linkCopy')}
          </Button>
          <Button variant="primary" icon={ExternalLink} autoFocus onPress={() => void open(target.url)}>
            {t('reading.linkOpen', { host: target.host })}
          </Button>
        </>
      }
    >
      <div className="reading-link-dialog">
        <p>{t('reading.linkHost')}</p>
        <p className="reading-host">{target.host}</p>
        {target.deceivingHost !== null && <Warning text={t('reading.linkDeceives', { shown: target.deceivingHost })} />}
        {target.isPuny && <Warning text={t('reading.linkPuny', { ascii: target.host })} />}
        <p className="reading-muted">{t('reading.linkAddress')}</p>
        <p className="reading-address">{target.url}</p>
      </div>
    </Dialog>
  );
}

function Warning({ text }: { text: string }) {
  return (
    <p className="reading-warning">
      <Icon of={TriangleAlert} />
      {text}
    </p>
  );
}
