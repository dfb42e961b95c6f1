import { useCallback, useEffect, useRef, useState } from 'react';
import { DraftAttachment } from '#shared/mail/message.ts';
import { useHost } from '../../host/host.ts';

/** A file on its way into the draft. */
export interface Uploading {
  readonly rowId: number;
  readonly fileName: string;
  readonly sizeOctets: number;
  /** 0 to 1. */
  readonly share: number;
  readonly error: unknown;
}

let rows = 0;

/** Hands files to the application; each that arrives is told to `onAdded`. */
export function useUploads(onAdded: (attachment: DraftAttachment) => void): {
  uploading: readonly Uploading[];
  add: (files: Iterable<File>) => void;
  stop: (rowId: number) => void;
} {
  const host = useHost();
  const [uploading, setUploading] = useState<readonly Uploading[]>([]);
  const stops = useRef(new Map<number, AbortController>());
  useEffect(() => {
    const controllers = stops.current;
    return () => {
      for (const controller of controllers.values()) controller.abort();
    };
  }, []);

  const drop = useCallback((rowId: number): void => {
    stops.current.delete(rowId);
    setUploading((before) => before.filter((row) => row.rowId !== rowId));
  }, []);
  const change = useCallback((rowId: number, patch: Partial<Uploading>): void => {
    setUploading((before) => before.map((row) => (row.rowId === rowId ? { ...row, ...patch } : row)));
  }, []);

  async function send(rowId: number, file: File, signal: AbortSignal): Promise<void> {
    try {
      const upload = await host.uploadBlob(file, (share) => change(rowId, { share }), signal);
      drop(rowId);
      onAdded(DraftAttachment.parse(upload));
    } catch (error) {
      if (signal.aborted) drop(rowId);
      else change(rowId, { error });
    }
  }
  return {
    uploading,
    add: (files) => {
      for (const file of files) {
        rows += 1;
        const row = { rowId: rows, fileName: file.name, sizeOctets: file.size, share: 0, error: null };
        const controller = new AbortController();
        stops.current.set(row.rowId, controller);
        setUploading((before) => [...before, row]);
        void send(row.rowId, file, controller.signal);
      }
    },
    stop: (rowId) => {
      stops.current.get(rowId)?.abort();
      drop(rowId);
    },
  };
}
