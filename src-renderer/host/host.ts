import { createContext, useContext } from 'react';
import type { DraftAttachment } from '#shared/mail/message.ts';
import type { Transport } from '#shared/rpc/transport.ts';

/** How the connection to the application stands. */
export type ConnectionState =
  | { kind: 'connecting' }
  | { kind: 'open' }
  | { kind: 'reconnecting'; attempt: number; nextTryAt: number }
  /** It cannot come back by itself: the page has to be opened anew from Postrider. */
  | { kind: 'lost' };

/** What only the host can do: carry frames, and bytes too large for frames. */
export interface Host {
  readonly kind: 'electron' | 'browser';
  /** Opens a connection; each is used once. Rejects when it cannot be made. */
  connect(): Promise<Transport>;
  /** Bytes of the application: `sourcePath` and `partPath` make the paths. */
  fetchBlob(path: string, signal?: AbortSignal): Promise<Blob>;
  /** Hands a file to the application, as an attachment of a draft. `onProgress` is told a share from 0 to 1. */
  uploadBlob(file: File, onProgress?: (share: number) => void, signal?: AbortSignal): Promise<DraftAttachment>;
  /** Saves bytes of the application as a file the user keeps. */
  saveBlob(path: string, fileName: string): Promise<void>;
}

const HostContext = createContext<Host | null>(null);

export const HostProvider = HostContext.Provider;

export function useHost(): Host {
  const host = useContext(HostContext);
  if (host === null) throw new Error('useHost needs a HostProvider above it.');
  return host;
}

/** The stored bytes of a message, exactly. */
export function sourcePath(messageKey: string): string {
  return `/blob/message/${encodeURIComponent(messageKey)}`;
}

/** One decoded attachment. */
export function partPath(messageKey: string, partId: string): string {
  return `/blob/part/${encodeURIComponent(messageKey)}/${encodeURIComponent(partId)}`;
}

/** Where a file is handed in. */
export function uploadPath(fileName: string, contentType: string): string {
  return `/blob/upload?${new URLSearchParams({ name: fileName, type: contentType })}`;
}
