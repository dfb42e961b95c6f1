import { useCallback, useEffect, useState } from 'react';
import type { UploadId } from '#shared/ids.ts';
import { largestOpenedOctets } from '#shared/mail/opened-file.ts';
import type { Api } from '#shared/rpc/client.ts';
import { useApi } from '../api.ts';
import { type Host, useHost } from '../host/host.ts';
import { formatSize, t } from '../i18n/index.ts';
import { useNavigation, type View } from '../navigation.ts';
import { sayError } from '../projection/actions.ts';
import { showToast } from '../ui/index.ts';

/**
 * Message files from the disk: chosen, or dropped anywhere on the window but on a message that is being written. A file
 * that nobody takes would otherwise be opened by the browser in the window's place.
 */
export function useMessageFiles(): { isOver: boolean; choose: () => void } {
  const api = useApi();
  const host = useHost();
  const [isOver, setOver] = useState(false);
  useEffect(() => forgetClosed(api), [api]);
  useEffect(() => {
    const onOver = (event: DragEvent): void => {
      const transfer = event.dataTransfer;
      const isTaken = event.defaultPrevented;
      const hasFiles = transfer?.types.includes('Files') === true;
      setOver(hasFiles && !isTaken);
      if (transfer === null || !hasFiles || isTaken) return;
      event.preventDefault();
      transfer.dropEffect = 'copy';
    };
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent): void => {
      setOver(false);
      const files = event.dataTransfer?.files;
      if (event.defaultPrevented || files === undefined || files.length === 0) return;
      event.preventDefault();
      openFiles(host, files);
    };
    // Taken by the composer, a drop never comes so far.
    const onDropAnywhere = (): void => setOver(false);
    document.addEventListener('dragover', onOver);
    document.addEventListener('dragleave', onLeave);
    document.addEventListener('drop', onDrop);
    document.addEventListener('drop', onDropAnywhere, { capture: true });
    return () => {
      document.removeEventListener('dragover', onOver);
      document.removeEventListener('dragleave', onLeave);
      document.removeEventListener('drop', onDrop);
      document.removeEventListener('drop', onDropAnywhere, { capture: true });
    };
  }, [host]);
  const choose = useCallback(() => chooseFile((files) => openFiles(host, files)), [host]);
  return { isOver, choose };
}

function chooseFile(onFiles: (files: FileList) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.eml,message/rfc822';
  input.onchange = () => {
    if (input.files !== null) onFiles(input.files);
  };
  input.click();
}

function openFiles(host: Host, files: FileList): void {
  const [file] = files;
  if (file === undefined) return;
  if (files.length > 1) showToast({ text: t('reading.file.one') });
  else void openFile(host, file);
}

async function openFile(host: Host, file: File): Promise<void> {
  if (file.size > largestOpenedOctets) {
    showToast({ text: t('reading.file.tooLarge', { name: file.name, size: formatSize(largestOpenedOctets) }) });
    return;
  }
  try {
    const { uploadId, fileName } = await host.uploadBlob(file);
    useNavigation.getState().open({ kind: 'opened-file', uploadId, fileName });
  } catch (error) {
    sayError(error);
  }
}

/** What nobody can go back to any more is not kept. The answer stops that. */
function forgetClosed(api: Api): () => void {
  return useNavigation.subscribe((now, before) => {
    if (now.view === before.view && now.past === before.past) return;
    const open = new Set(filesIn(now));
    for (const uploadId of filesIn(before))
      if (!open.has(uploadId)) api.call('upload.discard', { uploadId }).catch(() => undefined);
  });
}

function filesIn({ view, past }: { view: View; past: readonly View[] }): UploadId[] {
  return [view, ...past].flatMap((one) => (one.kind === 'opened-file' ? [one.uploadId] : []));
}
