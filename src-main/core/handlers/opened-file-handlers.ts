import { folder } from '#shared/mail/folder.ts';
import { openedFileKey } from '#shared/mail/opened-file.ts';
import { MailError } from '#shared/mail-error.ts';
import type { HandlersOf, Rooms } from '../services.ts';

type OpenedFileMethods = 'openedFile.get' | 'openedFile.copy';

/** Message files opened from the disk: read without being kept, and kept when the person says where. */
export function openedFileHandlers({
  store,
  message,
}: Pick<Rooms, 'store' | 'message'>): HandlersOf<OpenedFileMethods> {
  return {
    'openedFile.get': async ({ uploadId }) => message.parse(openedFileKey(uploadId)),
    'openedFile.copy': async ({ uploadId, folder: to }) => {
      if (notForHand.includes(to)) throw new MailError('EINVALID', `Nothing is put into ${to} by hand.`);
      const bytes = new Uint8Array(await message.read(openedFileKey(uploadId)));
      for (const twin of await store.findByContent(bytes)) {
        const row = await store.summary(twin);
        if (row?.folder === to) return { messageKey: twin, wasThere: true };
      }
      const messageKey = await store.newMessageKey(bytes);
      await store.file([{ folder: to, messageKey, bytes, flags: ['seen'] }]);
      return { messageKey, wasThere: false };
    },
  };
}

/** What lies in these came there by being written, sent or judged. */
const notForHand: readonly string[] = [folder.outbox, folder.drafts, folder.quarantine];
