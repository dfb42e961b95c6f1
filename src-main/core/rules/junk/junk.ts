import type { FolderPath, MessageKey } from '#shared/ids.ts';
import { folder } from '#shared/mail/folder.ts';
import { JunkSettings, type JunkStatus, type JunkVerdict } from '#shared/mail/rule.ts';
import { MailError } from '#shared/mail-error.ts';
import type { HandlersOf, Rooms } from '../../services.ts';
import { applyPatch } from '../../settings/patch.ts';
import type { JunkKind } from '../../store/store-api.ts';
import { factsOf, type MessageFacts, maxTextOctets } from '../facts.ts';
import { judgeWords } from './judge.ts';
import { wordsForJunk } from './words.ts';

export type JunkMethods = `junk.${'status' | 'set' | 'mark' | 'explain' | 'forget'}`;

/** Before it has seen so many of each kind it judges nothing. */
const neededOfEach = 15;
const shownWords = 12;

/** Moving to or from one of these says nothing about a message. To any other, out of Junk or to be kept, says it is good. */
const neutral: readonly FolderPath[] = [folder.trash, folder.drafts, folder.outbox, folder.sent];

export interface Junk {
  readonly handlers: HandlersOf<JunkMethods>;
  /** It is switched on and has learnt enough. */
  isReady(): boolean;
  /** Reads what was learnt so far. */
  load(): Promise<void>;
  isJunk(facts: MessageFacts): Promise<boolean>;
  /** The user moved messages: into Junk, or out of it. Learns in the background. */
  noteMoved(moved: readonly { messageKey: MessageKey; from: FolderPath }[], to: FolderPath): void;
  close(): Promise<void>;
}

/** The filter that learns from what this user calls junk. It never deletes: what it takes for junk goes to Junk. */
export function createJunk(rooms: Pick<Rooms, 'store' | 'settings' | 'log' | 'emit'>): Junk {
  const { store, settings, log, emit } = rooms;
  let totals = { junk: 0, good: 0 };
  let learning: Promise<void> = Promise.resolve();
  const hasEnough = (): boolean => totals.junk >= neededOfEach && totals.good >= neededOfEach;
  const isReady = (): boolean => settings.current().junk.isEnabled && hasEnough();

  async function learn(messageKeys: readonly MessageKey[], kind: JunkKind): Promise<void> {
    for (const messageKey of messageKeys) {
      try {
        const facts = factsOf(await store.outline(messageKey, maxTextOctets));
        await store.trainJunk(messageKey, kind, wordsForJunk(facts));
      } catch (error) {
        if (!(error instanceof MailError) || error.code !== 'ENOTFOUND') throw error;
      }
    }
    totals = await store.junkTotals();
    emit('junk.learnt', totals);
  }

  /** One after another, so that a message called this and then that ends as that. */
  function learnSoon(messageKeys: readonly MessageKey[], kind: JunkKind): Promise<void> {
    if (messageKeys.length === 0) return learning;
    const work = learning.then(() => learn(messageKeys, kind));
    learning = work.catch((error: unknown) => log.error('The junk filter did not learn from a message.', error));
    return work;
  }

  async function judge(facts: MessageFacts): Promise<JunkVerdict> {
    const words = await store.junkWords(wordsForJunk(facts));
    const judged = judgeWords(words, totals);
    const knownAs = await whoIsKnown(rooms, facts);
    const { threshold } = settings.current().junk;
    return {
      likelihood: judged.likelihood,
      words: judged.words.slice(0, shownWords),
      ...(knownAs === null ? {} : { knownAs }),
      isJunk: knownAs === null && hasEnough() && judged.likelihood >= threshold,
    };
  }

  const status = async (): Promise<JunkStatus> => {
    totals = await store.junkTotals();
    return { ...settings.current().junk, ...totals, needed: neededOfEach, isReady: isReady() };
  };

  return {
    handlers: {
      'junk.status': status,
      'junk.set': async ({ patch }) => {
        await settings.changeMailRules((now) => ({ junk: applyPatch(JunkSettings, now.junk, patch) }));
        return status();
      },
      'junk.mark': async ({ messageKeys, isJunk }) => {
        await learnSoon(messageKeys, isJunk ? 'junk' : 'good');
        return { moved: await store.move(messageKeys, isJunk ? folder.junk : folder.inbox) };
      },
      'junk.explain': async ({ messageKey }) => judge(factsOf(await store.outline(messageKey, maxTextOctets))),
      'junk.forget': async () => {
        await learning;
        await store.forgetJunk();
        totals = { junk: 0, good: 0 };
        return {};
      },
    },
    isReady,
    async load() {
      totals = await store.junkTotals();
    },
    isJunk: async (facts) => isReady() && (await judge(facts)).isJunk,
    noteMoved(moved, to) {
      const keys = moved.flatMap(({ messageKey, from }) => (from === to || neutral.includes(from) ? [] : [messageKey]));
      if (neutral.includes(to)) return;
      void learnSoon(keys, to === folder.junk ? 'junk' : 'good').catch(() => undefined);
    },
    close: () => learning,
  };
}

/** The sender when it is somebody: in the address book, an own address, or one the user has written to; else null. */
async function whoIsKnown(
  { store, settings }: Pick<Rooms, 'store' | 'settings'>,
  facts: MessageFacts,
): Promise<string | null> {
  const sender = facts.from[0]?.mailbox.toLowerCase() ?? '';
  if (sender === '') return null;
  const { contacts } = settings.current();
  if (contacts.some(({ mailbox }) => mailbox.toLowerCase() === sender)) return sender;
  // Quoted, so that it is one phrase and none of its words means anything to the search.
  const found = await store.search({
    query: `to:"${sender.replaceAll('"', '')}"`,
    folder: folder.sent,
    offset: 0,
    limit: 5,
  });
  return found.rows.some(({ to }) => to.some(({ mailbox }) => mailbox.toLowerCase() === sender)) ? sender : null;
}
