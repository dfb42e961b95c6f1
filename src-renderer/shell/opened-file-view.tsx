import { useState } from 'react';
import type { FolderPath, UploadId } from '#shared/ids.ts';
import { useApi } from '../api.ts';
import { FolderDialog } from '../features/messages/dialogs.tsx';
import { OpenedFile } from '../features/reading/opened-file.tsx';
import { t } from '../i18n/index.ts';
import { useNavigation } from '../navigation.ts';
import { sayError } from '../projection/actions.ts';
import { folderLabel } from '../projection/folder-names.ts';
import { showToast } from '../ui/index.ts';

/** A message file from the disk, and the folder it may be copied to. */
export function OpenedFileView({ uploadId, fileName }: { uploadId: UploadId; fileName: string }) {
  const api = useApi();
  const { back, open } = useNavigation.getState();
  const [asksWhere, setAsksWhere] = useState(false);
  const copy = async (to: FolderPath): Promise<void> => {
    try {
      const { messageKey, wasThere } = await api.call('openedFile.copy', { uploadId, folder: to });
      showToast({
        text: t(wasThere ? 'reading.file.wasThere' : 'reading.file.copied', { folder: folderLabel(to) }),
        action: {
          label: t('reading.file.show'),
          onPress: () => open({ kind: 'mail', folder: to, messageKey }),
        },
      });
    } catch (error) {
      sayError(error);
    }
  };
  return (
    <>
      <OpenedFile
        uploadId={uploadId}
        fileName={fileName}
        onCopy={() => setAsksWhere(true)}
        onClose={back}
        onImport={() => open({ kind: 'import' })}
      />
      {asksWhere && (
        <FolderDialog
          title={t('reading.file.copyTitle')}
          onChoose={(to) => void copy(to)}
          onClose={() => setAsksWhere(false)}
        />
      )}
    </>
  );
}
