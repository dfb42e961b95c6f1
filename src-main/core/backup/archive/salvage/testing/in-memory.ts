import { createHash } from 'node:crypto';
import { FolderPath, MessageKey } from '#shared/ids.ts';
import type { BackupReport } from '#shared/job.ts';
import type { LedgerRows } from '../../../../store/ledger-rows.ts';
import type { FileRequest } from '../../../../store/store-api.ts';
import type { RestoreRequest, RestoreRooms } from '../../restore-backup.ts';
import { restoreIntact } from '../restore-intact.ts';

/** A mailbox that only remembers what was given to it, so that hundreds of restores take a moment. */
export class MailboxInMemory {
  readonly messages = new Map<MessageKey, FileRequest>();
  readonly rows: string[] = [];
  readonly folders = new Set<FolderPath>(['Inbox', 'Drafts', 'Outbox'].map((name) => FolderPath.parse(name)));
  settings = false;

  rooms(): RestoreRooms {
    return {
      store: {
        listFolders: async () => [...this.folders].map((folder) => ({ folder, total: 0, unread: 0 })),
        listKeys: async () => [],
        createFolder: async (folder) => void this.folders.add(folder),
        summary: async (key) => (this.messages.has(key) ? summaryOf(key) : null),
        file: async (requests) =>
          requests.map((request) => {
            this.messages.set(request.messageKey, { ...request, bytes: new Uint8Array(request.bytes) });
            return { messageKey: request.messageKey, outcome: 'filed' as const };
          }),
        restoreLedger: async (rows: LedgerRows) => {
          for (const row of rows.rows) this.rows.push(`${rows.table} ${JSON.stringify(row)}`);
          return rows.rows.length;
        },
        newMessageKey: async (bytes) =>
          MessageKey.parse(`${'f'.repeat(31)}${this.messages.size % 10}-${digest(bytes).slice(0, 16)}`),
        findByContent: async (bytes) =>
          [...this.messages].filter(([, one]) => digest(one.bytes) === digest(bytes)).map(([key]) => key),
      },
      takeSettings: async () => {
        this.settings = true;
        return true;
      },
      takeUpOutbox: async () => undefined,
    };
  }

  async restoreIntact(file: string, more: Partial<RestoreRequest> = {}): Promise<BackupReport> {
    const request: RestoreRequest = {
      file,
      folders: undefined,
      messageKeys: undefined,
      into: undefined,
      settings: 'if-empty',
      passphrase: undefined,
      ...more,
    };
    return restoreIntact(
      this.rooms(),
      request,
      { signal: new AbortController().signal, report: () => undefined },
      'why',
    );
  }
}

export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function summaryOf(messageKey: MessageKey) {
  const common = { messageKey, folder: FolderPath.parse('Inbox'), subject: '', date: '', sizeOctets: 0 };
  return {
    ...common,
    from: { displayName: '', mailbox: '' },
    to: [],
    snippet: '',
    flags: [],
    tags: [],
    hasAttachments: false,
    isMalformed: false,
  };
}
