import { startDovecot } from '../../core/incoming/testing/dovecot.ts';
import { createMaildrop, sha256 } from '../../core/incoming/testing/maildrops.ts';
import { createPop3Server } from '../../core/practice/pop3-server.ts';

/** A maildrop that keeps account of what lies in it, on the practice server or a real Dovecot. */
export interface KillBox {
  readonly port: number;
  /** Puts a message into the maildrop, exactly these bytes. */
  deliver(uniqueId: string, bytes: Uint8Array): Promise<void>;
  /** The SHA-256 of each message that lies there; on the practice server in the order a session numbers them. */
  lying(): Promise<string[]>;
  /** Deletions of what was not there, or was deleted before. */
  deletedTwice(): number;
  /** Runs at the so-many-th command of the next session, where the commands can be heard. */
  atWord(count: number, spring: () => void): void;
  close(): Promise<void>;
}

export const credentials = { user: 'anna', secret: 'secret' } as const;

export async function openPracticeBox(): Promise<KillBox> {
  const maildrop = createMaildrop([]);
  const trap = { heard: 0, at: 0, spring: () => {} };
  const server = await createPop3Server({
    maildrop,
    user: credentials.user,
    password: credentials.secret,
    intercept: () => {
      trap.heard += 1;
      if (trap.heard === trap.at) trap.spring();
      return null;
    },
  });
  return {
    port: server.port,
    deliver: async (uniqueId, bytes) => void maildrop.lying.push({ uniqueId, bytes }),
    lying: async () => maildrop.lying.map(({ bytes }) => sha256(bytes)),
    deletedTwice: () => maildrop.removed.length - new Set(maildrop.removed).size,
    atWord(count, spring) {
      Object.assign(trap, { heard: 0, at: count, spring });
    },
    close: () => server.close(),
  };
}

export async function openDovecotBox(): Promise<KillBox> {
  const dovecot = await startDovecot();
  return {
    port: dovecot.port,
    deliver: (_uniqueId, bytes) => dovecot.deliver(credentials.user, bytes),
    lying: async () => [...(await dovecot.files(credentials.user)).values()].map(sha256),
    deletedTwice: () => 0,
    atWord: () => undefined,
    close: () => dovecot.stop(),
  };
}

/** What every server sends as it was delivered: lines that end with CRLF, no NUL, a header. */
export function isPlainMail(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('latin1');
  return !/\0|[^\r]\n|\r(?!\n)/.test(text) && /^\w+: /.test(text);
}
