import { z } from 'zod';
import { DraftAttachment } from '#shared/mail/message.ts';
import { MailError, MailErrorData } from '#shared/mail-error.ts';
import { type Host, uploadPath } from './host.ts';

const Failure = z.object({ error: MailErrorData });

type BlobDoor = Pick<Host, 'fetchBlob' | 'uploadBlob' | 'saveBlob'>;

/** Bytes over the host's own channel. `headers` are sent with every request. */
export function createBlobDoor(headers: () => Readonly<Record<string, string>>): BlobDoor {
  async function fetchBlob(path: string, signal?: AbortSignal): Promise<Blob> {
    const response = await fetch(path, { headers: headers(), signal, cache: 'no-store' }).catch((error: unknown) => {
      throw signal?.aborted === true ? stopped() : unreachable(error);
    });
    if (!response.ok) throw readFailure(response.status, await response.text());
    return response.blob();
  }
  return {
    fetchBlob,
    uploadBlob: (file, onProgress, signal) => upload(file, headers(), onProgress, signal),
    async saveBlob(path, fileName) {
      const url = URL.createObjectURL(await fetchBlob(path));
      const link = document.createElement('a');
      link.href = url;
      link.download = fileName;
      link.click();
      // The download has its own hold on the bytes once it began; a minute is long enough for that.
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    },
  };
}

// XMLHttpRequest, because fetch cannot tell how far an upload came.
function upload(
  file: File,
  headers: Readonly<Record<string, string>>,
  onProgress: ((share: number) => void) | undefined,
  signal: AbortSignal | undefined,
): Promise<DraftAttachment> {
  return new Promise((settle, fail) => {
    const request = new XMLHttpRequest();
    const contentType = file.type === '' ? 'application/octet-stream' : file.type;
    request.open('POST', uploadPath(file.name, contentType));
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.setRequestHeader('Content-Type', contentType);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) onProgress?.(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status < 200 || request.status > 299) {
        fail(readFailure(request.status, request.responseText));
        return;
      }
      const parsed = DraftAttachment.safeParse(readJson(request.responseText));
      if (parsed.success) settle(parsed.data);
      else fail(new MailError('EINTERNAL', 'The file was taken, but the answer could not be read.'));
    };
    request.onerror = () => fail(unreachable(undefined));
    request.onabort = () => fail(stopped());
    signal?.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}

function readFailure(status: number, body: string): MailError {
  const parsed = Failure.safeParse(readJson(body));
  if (parsed.success) return MailError.fromData(parsed.data.error);
  if (status === 404) return new MailError('ENOTFOUND', 'That file is no longer there.');
  if (status === 413) return new MailError('ETOOLARGE', 'The file is larger than Postrider takes.');
  return new MailError('EINTERNAL', `Postrider answered ${status}.`);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // SyntaxError: not JSON; the status alone has to do.
    return null;
  }
}

function unreachable(cause: unknown): MailError {
  return new MailError('ECLOSED', 'Postrider does not answer.', { cause });
}

function stopped(): MailError {
  return new MailError('ECANCELLED', 'Stopped.');
}
