import { t } from '../../i18n/index.ts';
import { Button, Dialog } from '../../ui/index.ts';
import type { Chosen } from './look-model.ts';

/** Deleting on a server cannot be undone: it asks, and says plainly what would be lost. */
export function DeleteQuestion(props: { chosen: Chosen; onClose: () => void; onDelete: () => void }) {
  const { chosen, onClose, onDelete } = props;
  const count = chosen.uniqueIds.length;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('collecting.look.ask.title', { count })}
      role="alertdialog"
      size="small"
      actions={
        <>
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button variant="danger" onPress={onDelete}>
            {t(chosen.lost > 0 ? 'collecting.look.ask.lostAct' : 'collecting.look.ask.act', { count })}
          </Button>
        </>
      }
    >
      <p>{wordsOf(chosen)}</p>
    </Dialog>
  );
}

function wordsOf({ uniqueIds, lost }: Chosen): string {
  if (lost === 0) return t('collecting.look.ask.here');
  return uniqueIds.length === 1 ? t('collecting.look.ask.lostOnly') : t('collecting.look.ask.lost', { count: lost });
}
