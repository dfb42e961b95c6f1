import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { MessageKey } from '#shared/ids.ts';
import { MailError, toErrorData } from '#shared/mail-error.ts';
import type { Log } from './ports.ts';
import type { MessageService } from './services.ts';

interface BlobRooms {
  readonly message: MessageService;
  readonly log: Log;
}

/**
 * Bytes in and out, for both hosts: `GET /blob/message/KEY` (the stored octets), `GET /blob/part/KEY/PART` (one
 * attachment, decoded), `POST /blob/upload?name=…&type=…` (answers a `DraftAttachment`). Everything that leaves is an
 * attachment under a sandboxing policy, so that no mail content ever runs as a page of ours.
 */
export function createBlobHandler(rooms: BlobRooms): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await answer(rooms, request);
    } catch (error) {
      if (!(error instanceof MailError)) rooms.log.error('Bytes could not be served.', error);
      const status = error instanceof MailError && error.code === 'ENOTFOUND' ? 404 : 400;
      return Response.json({ error: toErrorData(error) }, { status, headers: safeHeaders });
    }
  };
}

const safeHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'",
  'cache-control': 'private, no-store',
  'cross-origin-resource-policy': 'same-origin',
};

async function answer(rooms: BlobRooms, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const [, blob, kind, ...rest] = url.pathname.split('/').map(decodeSegment);
  if (blob !== 'blob') throw notThere();
  if (kind === 'upload' && request.method === 'POST') return upload(rooms, request, url.searchParams);
  if (request.method !== 'GET') throw notThere();
  const messageKey = MessageKey.safeParse(rest[0]);
  if (!messageKey.success) throw notThere();
  if (kind === 'message' && rest.length === 1) return storedMessage(rooms, messageKey.data);
  if (kind === 'part' && rest.length === 2 && rest[1] !== undefined) return part(rooms, messageKey.data, rest[1]);
  throw notThere();
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw notThere();
  }
}

function notThere(): MailError {
  return new MailError('ENOTFOUND', 'There is nothing at this address.');
}

async function storedMessage({ message }: BlobRooms, messageKey: MessageKey): Promise<Response> {
  const { path, sizeOctets } = await message.locate(messageKey);
  const stream = Readable.toWeb(createReadStream(path));
  return new Response(stream, {
    headers: {
      ...safeHeaders,
      'content-type': 'message/rfc822',
      'content-length': String(sizeOctets),
      'content-disposition': attachmentNamed(`${messageKey}.eml`),
    },
  });
}

async function part({ message }: BlobRooms, messageKey: MessageKey, partId: string): Promise<Response> {
  const { bytes, fileName, contentType } = await message.part(messageKey, partId);
  return new Response(new Uint8Array(bytes), {
    headers: {
      ...safeHeaders,
      'content-type': /^[\w.+-]+\/[\w.+-]+$/.test(contentType) ? contentType : 'application/octet-stream',
      'content-length': String(bytes.byteLength),
      'content-disposition': attachmentNamed(fileName),
    },
  });
}

async function upload({ message }: BlobRooms, request: Request, query: URLSearchParams): Promise<Response> {
  const attachment = await message.addUpload({
    fileName: query.get('name') ?? 'attachment',
    contentType: query.get('type') ?? 'application/octet-stream',
    body: request.body ?? emptyBody(),
  });
  return Response.json(attachment, { headers: safeHeaders });
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

/** RFC 6266 with the RFC 8187 form for names outside ASCII. */
function attachmentNamed(fileName: string): string {
  const ascii = fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encodeURIComponent(fileName).replace(/['()*]/g, encodeByte)}`;
}

function encodeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
