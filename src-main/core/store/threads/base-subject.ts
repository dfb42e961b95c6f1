/**
 * The base subject of RFC 5256 §2.1: what is left of a subject when the marks of replies and forwards are taken off.
 * Marks of mail programs in other languages (`AW:`, `WG:`, `SV:`, `VS:`, `Antw:`, `Odp:`) count as `Re:` and `Fwd:` do.
 */
export interface BaseSubject {
  /** Folded for comparing (the RFC asks for i;unicode-casemap); '' when nothing is left. */
  readonly base: string;
  /** A mark of a reply or a forward was taken off. */
  readonly isReply: boolean;
}

/** Longer subjects are compared by their beginning: the RFC's loops would take quadratic time on hostile ones. */
const comparedCharacters = 1000;

const blob = String.raw`\[[^[\]]*\][ ]*`;
/** subj-leader: any number of blobs, then `re`, `fw` or `fwd`, perhaps a blob, and a colon. */
const leader = new RegExp(`^(?:${blob})*(?:re|fwd?|aw|wg|sv|vs|antw|odp)[ ]*(?:${blob})?:`, 'i');
const leadingBlob = new RegExp(`^${blob}`);
const trailer = /\(fwd\)$/i;
const forwarded = /^\[fwd:(.*)\]$/i;

export function baseSubject(subject: string): BaseSubject {
  let rest = subject.slice(0, comparedCharacters).replace(/\s+/g, ' ').trim();
  let isReply = false;
  for (;;) {
    // Step 2.
    while (trailer.test(rest)) {
      rest = rest.replace(trailer, '').trimEnd();
      isReply = true;
    }
    // Steps 3 to 5.
    for (let before = ''; before !== rest; ) {
      before = rest;
      const withoutLeader = rest.replace(leader, '').trimStart();
      if (withoutLeader !== rest) {
        isReply = true;
        rest = withoutLeader;
        continue;
      }
      const withoutBlob = rest.replace(leadingBlob, '');
      if (withoutBlob !== '') rest = withoutBlob;
    }
    // Step 6.
    const inner = forwarded.exec(rest)?.[1];
    if (inner === undefined) break;
    isReply = true;
    rest = inner.trim();
  }
  return { base: rest.normalize('NFKD').toUpperCase(), isReply };
}
