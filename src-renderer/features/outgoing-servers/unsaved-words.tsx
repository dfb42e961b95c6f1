import { PencilLine } from 'lucide-react';
import { t } from '../../i18n/index.ts';
import { Icon } from '../../ui/index.ts';

/** Beside “Save”: something waits for it. */
export function UnsavedWords() {
  return (
    <span className="servers-unsaved">
      <Icon of={PencilLine} />
      {t('outgoing-servers.editor.unsaved')}
    </span>
  );
}
