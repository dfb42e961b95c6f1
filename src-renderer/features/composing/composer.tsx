import { useEffect, useState } from 'react';
import type { Draft } from '#shared/mail/message.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { type ComposeStart, useNavigation } from '../../navigation.ts';
import { Button, ErrorPanel, ProgressRing } from '../../ui/index.ts';
import { ComposerForm } from './composer-form.tsx';
import './composer.css';

/** Writes one message: new, an answer, a forward, or a draft taken up again. */
export function Composer({ id, start }: { id: string; start: ComposeStart }) {
  const api = useApi();
  const closeComposer = useNavigation((state) => state.closeComposer);
  const [draft, setDraft] = useState<Draft | null>(null);
  const [error, setError] = useState<unknown>(null);
  const { kind, messageKey, mailto, note } = start;
  useEffect(() => {
    let isStale = false;
    api.call('compose.start', { kind, messageKey, mailto }).then(
      (answer) => {
        if (!isStale) setDraft(answer);
      },
      (reason: unknown) => {
        if (!isStale) setError(reason);
      },
    );
    return () => {
      isStale = true;
    };
  }, [api, kind, messageKey, mailto]);

  if (draft !== null) return <ComposerForm id={id} kind={kind} draft={draft} note={note} />;
  return (
    <section className="composer composer-waiting" aria-label={t(`composing.${kind}`)}>
      {error === null ? (
        <p role="status">
          <ProgressRing label={null} value={null} /> {t('composing.opening')}
        </p>
      ) : (
        <>
          <ErrorPanel error={error} />
          <Button onPress={() => closeComposer(id)}>{t('ui.close')}</Button>
        </>
      )}
    </section>
  );
}
