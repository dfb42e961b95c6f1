/**
 * The policy of the app's own page, as a header; `src-renderer/index.html` holds the same (but for `frame-ancestors`,
 * which only a header may say). Mail is shown in script-less sandboxed frames, which inherit it: their styles are
 * inline, hence `style-src`. Pictures by https are let through here because a reader may ask for them; each frame's own
 * policy says `img-src data:` until then, so that nothing remote loads by itself, whatever a message tries.
 */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob: https:",
  "font-src 'self' data:",
  "media-src 'self' data: blob:",
  "connect-src 'self' blob:",
  "frame-src 'self' blob:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "object-src 'none'",
].join('; ');

/** Headers every answer carries. */
export const safeHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

/** Headers of the page and its files. */
export const pageHeaders: Readonly<Record<string, string>> = {
  ...safeHeaders,
  'content-security-policy': `${pagePolicy}; frame-ancestors 'none'`,
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), payment=()',
};

/** Headers of mail bytes, laid over whatever the core said: saved, never shown, never run. */
export const blobHeaders: Readonly<Record<string, string>> = {
  ...safeHeaders,
  'content-security-policy': "sandbox; default-src 'none'",
  'cache-control': 'private, no-store',
};

/** `content-disposition` for mail bytes: the core's own when it says attachment, else that it is one. */
export function asAttachment(disposition: string | null): string {
  return disposition !== null && /^attachment(;|$)/i.test(disposition.trim()) ? disposition : 'attachment';
}
