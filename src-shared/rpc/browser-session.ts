import { z } from 'zod';

/**
 * How the page speaks to the browser host. The launch page goes to `http://NAME.localhost:PORT/#token`; the page takes
 * the token out of the address at once (`history.replaceState`) and exchanges it by
 * `POST sessionPath {token}` for a cookie it cannot read and a page token. The page token is kept in `sessionStorage`
 * under `pageTokenKey` (so that a reload of this tab works) and travels with every request: as the header
 * `pageTokenHeader` on fetches under `/blob/`, and as the second subprotocol of the WebSocket at `socketPath`
 * (`[socketProtocol, pageTokenProtocolPrefix + pageToken]`). A frame is one text message of JSON.
 */
export const sessionPath = '/session';
export const socketPath = '/socket';
export const pageTokenHeader = 'x-postrider-token';
export const socketProtocol = 'postrider.v1';
export const pageTokenProtocolPrefix = 'token.';
export const pageTokenKey = 'postrider.pageToken';

/** 32 random bytes, base64url: also a legal subprotocol. */
const SessionToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

export const SessionRequest = z.object({ token: SessionToken });
export const SessionAnswer = z.object({ pageToken: SessionToken });

/** The close code the host uses for a page that does not read what it is sent; connect again and ask for what was missed. */
export const tooSlowCloseCode = 4008;
