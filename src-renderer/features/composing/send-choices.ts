import type { ServerId } from '#shared/ids.ts';
import type { Draft } from '#shared/mail/message.ts';
import type { RouteExplanation } from '#shared/mail/outbox.ts';
import type { SendOptions } from '#shared/rpc/contract.ts';

/** What the user chose for this one message. */
export interface SendChoices {
  /** These servers, in this order; none: by the route of the address. */
  readonly serverIds: readonly ServerId[];
  /** Epoch milliseconds; null for now. */
  readonly sendAt: number | null;
}

/** What the draft remembers of earlier choices; a moment that has passed is none. */
export function choicesOf({ send }: Pick<Draft, 'send'>, now = Date.now()): SendChoices {
  const sendAt = send?.sendAt ?? null;
  return { serverIds: send?.serverIds ?? [], sendAt: sendAt !== null && sendAt > now ? sendAt : null };
}

export function optionsOf({ serverIds, sendAt }: SendChoices): SendOptions {
  return { ...(serverIds.length === 0 ? {} : { serverIds: [...serverIds] }), ...(sendAt === null ? {} : { sendAt }) };
}

/** What the chip on the Send button says. */
export type SendChip =
  | { readonly kind: 'paused' }
  | { readonly kind: 'offline' }
  | { readonly kind: 'by'; readonly server: string }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'cannot' }
  | { readonly kind: 'unknown' };

export function chipOf(route: RouteExplanation | null, chosenLabel: string | null, isPaused: boolean): SendChip {
  if (isPaused) return { kind: 'paused' };
  if (route !== null && !route.location.isOnline) return { kind: 'offline' };
  if (chosenLabel !== null) return { kind: 'by', server: chosenLabel };
  if (route === null) return { kind: 'unknown' };
  if (route.cannot !== undefined) return { kind: 'cannot' };
  const first = route.attempts[0];
  return first === undefined ? { kind: 'nobody' } : { kind: 'by', server: first.serverLabel };
}
