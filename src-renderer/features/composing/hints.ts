import type { DraftContent } from '#shared/mail/message.ts';

/** Quiet remarks beside Send; none of them stops a message. */
export type Hint = 'no-subject' | 'attachment-forgotten';

const attachmentWords =
  /\b(attach(ed|ment|ments|ing)?|enclosed|(im|der|die|den) anhang|angeh[aä]ngt|beigef[uü]gt|anbei|anlage|pi[eè]ce[s]? jointe[s]?|ci-joint|adjunt[oa]s?|allegat[oi]|bijlage)\b/iu;

/** What a person may have overlooked. Quoted lines and the signature are not theirs and do not count. */
export function hintsFor(draft: Pick<DraftContent, 'subject' | 'text' | 'attachments'>): Hint[] {
  const hints: Hint[] = [];
  if (draft.subject.trim() === '') hints.push('no-subject');
  const own = `${draft.subject}\n${ownWords(draft.text)}`;
  if (draft.attachments.length === 0 && attachmentWords.test(own)) hints.push('attachment-forgotten');
  return hints;
}

function ownWords(text: string): string {
  const body = text.split(/^-- $/mu)[0] ?? '';
  return body
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('>'))
    .join('\n');
}
