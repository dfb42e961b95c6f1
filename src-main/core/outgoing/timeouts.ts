import type { Timeouts } from '#shared/mail/outgoing-server.ts';

/** How long each step may take when the server's settings do not say. */
export type EffectiveTimeouts = Required<Timeouts>;

const second = 1000;
const minute = 60 * second;

/** How long an endpoint has to answer before the next one is started beside it. */
export const staggerMs = second;
export const tlsHandshakeMs = 15 * second;

/**
 * RFC 5321 §4.5.3.2 where waiting is free or giving up is dear (the final dot); shorter where a person waits and another
 * server could take the message.
 */
export function effectiveTimeouts(set: Timeouts | undefined, hasAlternative: boolean): EffectiveTimeouts {
  return {
    connectMs: set?.connectMs ?? 10 * second,
    greetingMs: set?.greetingMs ?? (hasAlternative ? 8 * second : 5 * minute),
    commandMs: set?.commandMs ?? (hasAlternative ? minute : 5 * minute),
    dataMs: set?.dataMs ?? 3 * minute,
    finalDotMs: set?.finalDotMs ?? 10 * minute,
  };
}
