import { CodeXml, FolderOutput, RotateCw, ShieldAlert, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ParsedMessage } from '#shared/mail/message.ts';
import type { ScanNote } from '#shared/mail/quarantine.ts';
import { useApi } from '../../api.ts';
import { formatDateTime, t } from '../../i18n/index.ts';
import { folderLabel } from '../../projection/folder-names.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Dialog, Icon, showToast } from '../../ui/index.ts';

export interface HeldMessageProps {
  message: ParsedMessage;
  scan: ScanNote;
  showsSource: boolean;
  onToggleSource: () => void;
  /** It may be another message now: ask for it again. */
  onChanged: () => void;
}

type Asking = 'release' | 'delete' | null;

/** In the place of a message the scanner holds back: why, and what can be done. */
export function HeldMessage({ message, scan, showsSource, onToggleSource, onChanged }: HeldMessageProps) {
  const api = useApi();
  const [asking, setAsking] = useState<Asking>(null);
  const [error, setError] = useState<unknown>(null);
  const folder = folderLabel(scan.folder);
  const messageKeys = [message.messageKey];
  const act = (work: Promise<unknown>, said?: string): void => {
    setAsking(null);
    setError(null);
    work
      .then(() => {
        if (said !== undefined) showToast({ text: said, lastsMs: 4000 });
        onChanged();
      })
      .catch(setError);
  };
  const release = (): void =>
    act(api.call('quarantine.release', { messageKeys }), t('quarantine.released', { folder }));
  return (
    <section className="reading-held" aria-label={t('quarantine.folder')} data-state-colour={colourOf(scan)}>
      <p className="reading-held-title">
        <Icon of={ShieldAlert} size={20} />
        <strong>{t(`quarantine.held.${scan.state}`)}</strong>
      </p>
      {scan.words !== '' && (
        <figure className="reading-held-words">
          <figcaption>{t(scan.state === 'rejected' ? 'quarantine.words' : 'quarantine.words.why')}</figcaption>
          <pre dir="auto">{scan.words}</pre>
        </figure>
      )}
      <p className="reading-muted">
        {scan.judgedAt !== null && `${t('quarantine.judged', { when: formatDateTime(scan.judgedAt) })}. `}
        {t('quarantine.safe')}
      </p>
      <FormError error={error} />
      <div className="reading-held-acts">
        <Button icon={FolderOutput} onPress={() => (scan.state === 'rejected' ? setAsking('release') : release())}>
          {t('quarantine.release', { folder })}
        </Button>
        <Button
          icon={RotateCw}
          onPress={() => act(api.call('quarantine.check', { messageKeys }), t('quarantine.checking'))}
        >
          {t('quarantine.check')}
        </Button>
        <Button icon={Trash2} variant="danger" onPress={() => setAsking('delete')}>
          {t('quarantine.delete')}
        </Button>
        <Button icon={CodeXml} variant="quiet" onPress={onToggleSource}>
          {t(showsSource ? 'reading.hideSource' : 'reading.showSource')}
        </Button>
      </div>
      <Ask
        isOpen={asking === 'release'}
        title={t('quarantine.releaseAsk')}
        text={t('quarantine.releaseText', { folder })}
        act={t('quarantine.release', { folder })}
        onClose={() => setAsking(null)}
        onAct={release}
      />
      <Ask
        isOpen={asking === 'delete'}
        title={t('quarantine.deleteAsk')}
        text={t('quarantine.deleteText')}
        act={t('quarantine.delete')}
        onClose={() => setAsking(null)}
        onAct={() => act(api.call('quarantine.delete', { messageKeys }))}
      />
    </section>
  );
}

function colourOf({ state }: ScanNote): string {
  return state === 'rejected' ? 'refused' : 'waiting';
}

function Ask(props: {
  isOpen: boolean;
  title: string;
  text: string;
  act: string;
  onClose: () => void;
  onAct: () => void;
}) {
  return (
    <Dialog
      isOpen={props.isOpen}
      onClose={props.onClose}
      title={props.title}
      role="alertdialog"
      size="small"
      actions={
        <>
          <Button onPress={props.onClose} autoFocus>
            {t('ui.cancel')}
          </Button>
          <Button variant="danger" onPress={props.onAct}>
            {props.act}
          </Button>
        </>
      }
    >
      <p>{props.text}</p>
    </Dialog>
  );
}
