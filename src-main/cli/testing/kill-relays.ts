import { numberOf } from '../../core/outgoing/testing/fault-profile.ts';
import { type Line, type ScriptedSmtp, startScriptedSmtp } from '../../core/outgoing/testing/scripted-smtp.ts';

/** What the relays of a kill campaign were given, message by message. A message's number stands in its mailboxes. */
export interface KillRelays {
  readonly ports: readonly number[];
  /** How often each mailbox was taken for delivery: the reply was 2yz, whether or not it was heard. */
  readonly taken: ReadonlyMap<string, number>;
  /** Messages in a mail transaction whose final dot has not come. */
  readonly inTransaction: ReadonlySet<number>;
  /** Those it was in with a process that is gone are over. */
  forgetTransactions(): void;
  /** From now on everything is taken at once. */
  beKind(): void;
  close(): Promise<void>;
}

/** Three relays that mostly take what comes, some time after the final dot, and sometimes refuse, put off or go away. */
export async function startKillRelays(random: () => number): Promise<KillRelays> {
  const taken = new Map<string, number>();
  const inTransaction = new Set<number>();
  let isKind = false;
  const often = (share: number): boolean => !isKind && random() < share;
  const servers: ScriptedSmtp[] = [];
  for (const [index, offers] of [['PIPELINING'], [], ['PIPELINING', '8BITMIME']].entries()) {
    // The first is the worst, so that the others have something to do.
    const trouble = 0.12 / (index + 1);
    const server = await startScriptedSmtp({
      offers,
      mail(reversePath) {
        if (often(trouble / 2)) return '451 4.3.0 later';
        inTransaction.add(numberOf(reversePath));
        return '250 2.1.0 fine';
      },
      rcpt() {
        if (often(trouble)) return '450 4.2.0 later';
        return often(trouble / 2) ? '550 5.7.1 relaying denied' : '250 2.1.5 fine';
      },
      finalDot({ from, to }) {
        inTransaction.delete(numberOf(from));
        if (often(trouble)) return replyTo(random());
        for (const mailbox of to) taken.set(mailbox, (taken.get(mailbox) ?? 0) + 1);
        return '250 2.0.0 taken';
      },
      finalDotDelayMs: () => (isKind ? 0 : Math.floor(random() * 50)),
    });
    servers.push(server);
  }
  return {
    ports: servers.map(({ port }) => port),
    taken,
    inTransaction,
    forgetTransactions: () => inTransaction.clear(),
    beKind() {
      isKind = true;
    },
    close: async () => void (await Promise.all(servers.map((server) => server.close()))),
  };
}

function replyTo(chance: number): Line {
  return chance < 0.5 ? '451 4.3.0 later' : 'drop';
}
