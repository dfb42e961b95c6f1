import type { MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { type GivenAnswer, type Invitation, InvitationAnswer, type LaterWord } from '#shared/mail/invitation.ts';
import { MailError } from '#shared/mail-error.ts';
import type { HandlersOf, OutboxService, Rooms } from '../services.ts';

type InvitationMethods = 'invitation.answer' | 'invitation.given';
type InvitationRooms = Pick<Rooms, 'store' | 'message' | 'settings'> & { readonly outbox: OutboxService };

/** Nobody changes their mind more often. */
const maxAnswers = 20;

/** Nobody’s word on an invitation is found there. */
const notTheirs: readonly string[] = [
  folder.sent,
  folder.outbox,
  folder.drafts,
  folder.junk,
  folder.quarantine,
  folder.trash,
];

/** Its longest words, by which the full text finds it; what is found is looked at. */
function wordsOfUid(uid: string): string {
  const words = (uid.match(/[\p{L}\p{N}]{4,200}/gu) ?? []).toSorted((a, b) => b.length - a.length);
  return words
    .slice(0, 3)
    .map((word) => `"${word}"`)
    .join(' ');
}

/**
 * Answers to invitations. What was answered is kept nowhere but in the answers themselves: those that wait are found by
 * what the ledger says they answer, those that left by the conversation they belong to.
 */
export function invitationHandlers({
  store,
  message,
  settings,
  outbox,
}: InvitationRooms): HandlersOf<InvitationMethods> {
  /** What this message of ours answers, if it answers this invitation. */
  async function answerIn(messageKey: MessageKey, to: Invitation): Promise<Omit<GivenAnswer, 'isWaiting'> | null> {
    const { invitation, date } = await message.parse(messageKey);
    if (invitation?.kind !== 'reply' || invitation.uid !== to.uid || invitation.instance !== to.instance) return null;
    const answer = InvitationAnswer.safeParse(invitation.invitees[0]?.participation);
    return answer.success ? { answer: answer.data, date } : null;
  }

  async function firstAnswer(
    keys: readonly MessageKey[],
    to: Invitation,
  ): Promise<Omit<GivenAnswer, 'isWaiting'> | null> {
    for (const messageKey of keys.slice(0, maxAnswers)) {
      // One that was removed meanwhile, or that cannot be read, answers nothing.
      const answer = await answerIn(messageKey, to).catch(() => null);
      if (answer !== null) return answer;
    }
    return null;
  }

  async function waitingAnswers(messageKey: MessageKey): Promise<MessageKey[]> {
    const waiting = (await store.activeOutbox()).filter(({ source, state }) => {
      return source?.messageKey === messageKey && state !== 'failed';
    });
    return waiting.map((record) => record.messageKey).reverse();
  }

  async function sentAnswers(messageKey: MessageKey): Promise<MessageKey[]> {
    const conversation = await store.conversation(messageKey, folder.sent);
    const ours = (conversation?.messages ?? [])
      .map(({ summary }) => summary)
      .filter((row) => row.folder === folder.sent);
    return ours.toSorted((a, b) => b.date.localeCompare(a.date)).map((row) => row.messageKey);
  }

  /** What came after this invitation and changes or cancels the same; the last word of several. */
  async function laterWord(own: MessageKey, invitation: Invitation, date: string): Promise<LaterWord | null> {
    const query = wordsOfUid(invitation.uid);
    if (query === '') return null;
    const { rows } = await store.search({ query, offset: 0, limit: maxAnswers });
    let last: { word: LaterWord; sequence: number; date: string } | null = null;
    for (const row of rows) {
      if (row.messageKey === own || notTheirs.includes(row.folder)) continue;
      const found = await message.parse(row.messageKey).catch(() => null);
      const other = found?.invitation;
      if (found === null || other === undefined || other.uid !== invitation.uid) continue;
      // What is said of the whole series holds for each of its days; not the other way round.
      if (other.instance !== invitation.instance && other.instance !== '') continue;
      const before = last ?? { sequence: invitation.sequence, date };
      const isLater =
        other.sequence > before.sequence || (other.sequence === before.sequence && found.date > before.date);
      const kind = other.kind === 'cancel' ? 'cancel' : other.kind === 'update' ? 'update' : null;
      if (kind === null || !isLater || (kind === 'update' && other.sequence === invitation.sequence)) continue;
      last = {
        word: { kind, messageKey: row.messageKey, folder: row.folder },
        sequence: other.sequence,
        date: found.date,
      };
    }
    return last?.word ?? null;
  }

  return {
    'invitation.answer': async ({ messageKey, answer }) => {
      const { draft, calendarReply } = await message.answerInvitation(messageKey, answer);
      const identity = draft.identityId === null ? undefined : settings.identity(draft.identityId);
      if (identity === undefined)
        throw new MailError('EINVALID', 'The address that was asked is none of yours any more.');
      return outbox.enqueue(await message.build(draft, identity, calendarReply), {
        identityId: identity.id,
        undoMs: settings.current().preferences.undoSendSeconds * 1000,
        source: draft.source,
        isComposed: true,
      });
    },

    'invitation.given': async ({ messageKey }) => {
      const { invitation, date } = await message.parse(messageKey);
      if (invitation === undefined) return { given: null, later: null };
      const later = await laterWord(messageKey, invitation, date);
      const waiting = await firstAnswer(await waitingAnswers(messageKey), invitation);
      if (waiting !== null) return { given: { ...waiting, isWaiting: true }, later };
      const sent = await firstAnswer(await sentAnswers(messageKey), invitation);
      return { given: sent === null ? null : { ...sent, isWaiting: false }, later };
    },
  };
}
