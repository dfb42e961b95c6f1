// Neither package carries types; this is the part of each that is used here.

declare module 'yazl' {
  import type { EventEmitter } from 'node:events';
  import type { Readable } from 'node:stream';

  export class ZipFile extends EventEmitter {
    readonly outputStream: Readable;
    addReadStreamLazy(
      metadataPath: string,
      options: { mtime?: Date; size?: number; compress?: boolean; forceZip64Format?: boolean },
      open: (give: (error: Error | null, stream?: Readable) => void) => void,
    ): void;
    end(options?: { forceZip64Format?: boolean }): void;
  }
}

declare module 'yauzl' {
  import type { EventEmitter } from 'node:events';
  import type { Readable } from 'node:stream';

  export interface Entry {
    readonly fileNameRaw: Buffer;
    readonly generalPurposeBitFlag: number;
    readonly versionMadeBy: number;
    readonly extraFields: readonly { readonly id: number; readonly data: Buffer }[];
    readonly uncompressedSize: number;
    isEncrypted(): boolean;
    canDecodeFileData(): boolean;
    getLastModDate(): Date;
  }

  export interface ZipFile extends EventEmitter {
    readonly entryCount: number;
    eachEntry(): AsyncIterableIterator<Entry>;
    openReadStreamPromise(entry: Entry): Promise<Readable>;
    close(): void;
  }

  export function openPromise(
    path: string | Buffer,
    options: { decodeStrings: boolean; validateEntrySizes: boolean; autoClose: boolean },
  ): Promise<ZipFile>;
}
