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
      <p>{chosen.lost > 0 ? t('collecting.look.ask.lost', { count: chosen.lost }) : t('collecting.look.ask.here')}</p>
    </Dialog>
  );
}
