import type { Store } from '../store/store-api.ts';

/** What exporting and importing need of the store. */
export type MailStore = Pick<
  Store,
  | 'state'
  | 'listFolders'
  | 'createFolder'
  | 'listKeys'
  | 'summary'
  | 'read'
  | 'file'
  | 'newMessageKey'
  | 'findByContent'
  | 'readForeignCards'
>;
