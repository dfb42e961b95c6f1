import type { WaitingHeader, WaitingMessage } from '#shared/mail/look.ts';

/** So many rows are shown at first, and more with each press: their headers have to be asked for. */
export const shownAtOnce = 200;

/** One message that waits, as the screen shows it. `header` null: not known (yet). */
export interface WaitingRow extends WaitingMessage {
  readonly header: WaitingHeader | null;
}

/** The newest first, as many as are shown. */
export function rowsOf(
  messages: readonly WaitingMessage[],
  headers: ReadonlyMap<string, WaitingHeader>,
  shown: number,
): WaitingRow[] {
  return messages
    .slice(-shown)
    .reverse()
    .map((message) => ({ ...message, header: headers.get(message.uniqueId) ?? null }));
}

/** The headers still to ask for, in portions a server answers quickly. */
export function wantedHeaders(rows: readonly WaitingRow[], canShowHeaders: boolean): string[] {
  const wanted = rows.filter(({ header, here }) => header === null && (canShowHeaders || here !== 'no'));
  return wanted.slice(0, 50).map(({ uniqueId }) => uniqueId);
}

export interface Chosen {
  readonly uniqueIds: string[];
  readonly octets: number;
  /** How many of them do not lie here whole: deleted there, they are gone for good. */
  readonly lost: number;
}

/** What is chosen of what is (still) there. */
export function chosenOf(messages: readonly WaitingMessage[], ids: ReadonlySet<string>): Chosen {
  const chosen = messages.filter(({ uniqueId }) => ids.has(uniqueId));
  return {
    uniqueIds: chosen.map(({ uniqueId }) => uniqueId),
    octets: chosen.reduce((sum, { octets }) => sum + octets, 0),
    lost: chosen.filter(({ here }) => here !== 'whole').length,
  };
}
