import { hash } from 'node:crypto';
import type { MessageOutline } from '../../outline.ts';

/**
 * Threads by RFC 5256 (REFERENCES), made independent of the order in which messages arrive. Every Message-ID that is a
 * message's own or stands in its References is a *node*; a node no message is known of is the RFC's dummy. What a message
 * says about who answers whom are its *claims*. A node's parent is what its own message claims (step 1B of the RFC), else what the
 * earliest message claims in whose References it stands after another (step 1A, taking messages by their date).
 */
export interface ThreadedMessage {
  /** Its row. */
  readonly id: number;
  readonly node: number;
  /** The nodes of its References, the oldest first, without its own. */
  readonly refs: readonly number[];
  /** Epoch milliseconds; `tie` orders messages of one moment. */
  readonly date: number;
  readonly tie: number;
  /** Its base subject, 0 for none. */
  readonly subject: number;
  readonly isReply: boolean;
}

export interface Claim {
  readonly child: number;
  readonly parent: number;
  readonly isWeak: boolean;
}

/** Of long References the first and the last are kept: those between are the references of these. */
const keptFirst = 1;
const keptLast = 30;

/** A number of 52 bits that stands for a text: a node's or a subject's. Never 0. */
export function numberOf(text: string): number {
  const digest = hash('sha256', text, 'buffer');
  return digest.readUInt32BE(0) * 2 ** 20 + (digest.readUInt32BE(4) >>> 12) || 1;
}

/** The nodes a message names, its own first. One without a Message-ID is a node by itself. */
export function nodesOf(messageKey: string, { messageId, references, inReplyTo }: MessageOutline): number[] {
  const own = numberOf(messageId === '' ? `key ${messageKey}` : messageId);
  // RFC 5256: without References the first identifier of In-Reply-To counts.
  const named = references.length > 0 ? references : inReplyTo.slice(0, 1);
  const kept = named.filter((_, at) => at < keptFirst || at >= named.length - keptLast);
  const refs = new Set(kept.map(numberOf));
  refs.delete(own);
  return [own, ...refs];
}

export function claimsOf(node: number, refs: readonly number[]): Claim[] {
  const claims: Claim[] = [];
  let parent: number | undefined;
  for (const child of refs) {
    if (parent !== undefined) claims.push({ child, parent, isWeak: true });
    parent = child;
  }
  if (parent !== undefined) claims.push({ child: node, parent, isWeak: false });
  return claims;
}

interface Moment {
  readonly date: number;
  readonly tie: number;
}

export function byMoment(a: Moment, b: Moment): number {
  return a.date - b.date || a.tie - b.tie;
}

/** A claim with the moment of its message: which of two counts. */
export interface DatedClaim extends Claim, Moment {}

/** The claim that counts comes first. */
export function byWeight(a: DatedClaim, b: DatedClaim): number {
  return Number(a.isWeak) - Number(b.isWeak) || byMoment(a, b);
}

/**
 * Where claims run in a circle the RFC leaves out the link that would close it: the last one made. Answers the children of those links.
 */
export function cutsIn(parentOf: ReadonlyMap<number, number>, momentOf: (child: number) => Moment): Set<number> {
  const cuts = new Set<number>();
  const seen = new Map<number, number>();
  let walk = 0;
  for (const start of parentOf.keys()) {
    walk += 1;
    let node: number | undefined = start;
    while (node !== undefined && !seen.has(node)) {
      seen.set(node, walk);
      node = parentOf.get(node);
    }
    if (node === undefined || seen.get(node) !== walk) continue;
    let latest = { child: node, ...momentOf(node) };
    for (let next = parentOf.get(node); next !== undefined && next !== node; next = parentOf.get(next)) {
      const other = { child: next, ...momentOf(next) };
      // One message may have made several links of a circle.
      if ((byMoment(other, latest) || other.child - latest.child) > 0) latest = other;
    }
    cuts.add(latest.child);
  }
  return cuts;
}
