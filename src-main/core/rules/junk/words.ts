import { domainOf } from '#shared/mail/address.ts';
import { type MessageFacts, valuesOf } from '../facts.ts';

/** A message teaches and is judged by at most so many words. */
const maxWords = 600;
const maxText = 40_000;

/**
 * The words a message is known by, each once: of its text, its subject (`subject:`), its sender (`from:`), the hosts it
 * links to (`link:`), and some of its header. The same message always gives the same words.
 */
export function wordsForJunk(facts: MessageFacts): string[] {
  const words = new Set<string>();
  for (const { displayName, mailbox } of facts.from) {
    words.add(`from:${mailbox.toLowerCase()}`).add(`from:@${domainOf(mailbox)}`);
    for (const word of plainWords(displayName)) words.add(`from:${word}`);
  }
  for (const word of plainWords(facts.subject)) words.add(`subject:${word}`);
  for (const name of ['x-mailer', 'list-id', 'reply-to', 'content-type'])
    for (const value of valuesOf(facts, name)) for (const word of plainWords(value)) words.add(`${name}:${word}`);
  if (facts.hasAttachments) words.add('has:attachment');
  const text = facts.text.slice(0, maxText);
  for (const [, host = ''] of text.matchAll(/https?:\/\/([a-z0-9.-]{1,100})/gi))
    words.add(`link:${host.toLowerCase()}`);
  for (const word of plainWords(text)) {
    if (words.size >= maxWords) break;
    words.add(word);
  }
  return [...words].slice(0, maxWords).map((word) => word.slice(0, 150));
}

/** Longer ones are names of nothing; scripts without spaces are taken in pairs of characters. */
function* plainWords(text: string): Generator<string> {
  for (const [word] of text
    .normalize('NFKC')
    .toLowerCase()
    .matchAll(/[\p{L}\p{N}$€£!'-]+/gu)) {
    if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(word)) {
      const characters = [...word];
      for (let at = 0; at + 1 < characters.length; at += 1) yield `${characters[at]}${characters[at + 1]}`;
    } else if (word.length >= 3 && word.length <= 30) yield word;
  }
}
