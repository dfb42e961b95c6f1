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
  | 'locate'
  | 'setTags'
  | 'file'
  | 'newMessageKey'
  | 'findByContent'
  | 'readForeignCards'
>;
