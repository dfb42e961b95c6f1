import { DraftContent } from '#shared/mail/message.ts';

/** What a stored draft has to remember and no other field of mail can hold. Never leaves with a sent message. */
export const draftStateField = 'X-Postrider-Draft';

const DraftState = DraftContent.pick({
  identityId: true,
  from: true,
  to: true,
  cc: true,
  bcc: true,
  source: true,
  send: true,
});
export type DraftState = ReturnType<typeof DraftState.parse>;

/** The state as ASCII that may be folded anywhere. */
export function draftState(draft: DraftContent): string {
  const json = JSON.stringify(DraftState.parse(draft));
  return (
    Buffer.from(json)
      .toString('base64')
      .match(/.{1,60}/g) ?? []
  ).join(' ');
}

/** The state a field holds; null when it is not one of ours. */
export function readDraftState(value: string): DraftState | null {
  try {
    const json: unknown = JSON.parse(Buffer.from(value.replace(/\s+/g, ''), 'base64').toString('utf8'));
    const parsed = DraftState.safeParse(json);
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
