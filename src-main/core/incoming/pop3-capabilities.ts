import type { Pop3Reply } from './pop3-framing.ts';

/** What CAPA told (RFC 2449), as far as we use it. Without CAPA everything optional is absent and must be tried. */
export interface Pop3Capabilities {
  /** False: the server does not know CAPA, so absence says nothing. */
  readonly isKnown: boolean;
  readonly lines: readonly string[];
  readonly stls: boolean;
  readonly user: boolean;
  readonly sasl: readonly string[];
  readonly uidl: boolean;
  readonly top: boolean;
  readonly pipelining: boolean;
  readonly utf8: boolean;
  /** RFC 2449 §6.5: so many seconds at least between two visits; null when the server does not say. */
  readonly loginDelaySeconds: number | null;
}

const noCapabilities: Pop3Capabilities = {
  isKnown: false,
  lines: [],
  stls: false,
  user: true,
  sasl: [],
  uidl: true,
  top: true,
  pipelining: false,
  utf8: false,
  loginDelaySeconds: null,
};

export function readCapabilities(reply: Pop3Reply): Pop3Capabilities {
  if (reply.status !== 'ok') return noCapabilities;
  const lines = Buffer.from(reply.body)
    .toString('latin1')
    .split('\r\n')
    .filter((line) => line !== '');
  const byName = new Map(
    lines.map((line) => {
      const [name = '', ...words] = line.trim().toUpperCase().split(/\s+/);
      return [name, words] as const;
    }),
  );
  return {
    isKnown: true,
    lines,
    stls: byName.has('STLS'),
    user: byName.has('USER'),
    sasl: byName.get('SASL') ?? [],
    uidl: byName.has('UIDL'),
    top: byName.has('TOP'),
    pipelining: byName.has('PIPELINING'),
    utf8: byName.has('UTF8'),
    loginDelaySeconds: secondsIn(byName.get('LOGIN-DELAY')?.[0]),
  };
}

/** A day at most: what is longer is a mistake. */
function secondsIn(word: string | undefined): number | null {
  return word !== undefined && /^\d{1,5}$/.test(word) ? Math.min(Number(word), 86_400) : null;
}
