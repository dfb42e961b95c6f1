import { largeMessage, wordOfRank } from './large-mail.ts';
import { seeded } from './realistic-mail.ts';

/** One search as each program wants it written. */
export interface BenchQuery {
  readonly kind: string;
  readonly postrider: string;
  readonly mu: string;
  readonly notmuch: string;
}

const same = (kind: string, query: string): BenchQuery => ({ kind, postrider: query, mu: query, notmuch: query });

/** Words of a line of a message that is there, so that a phrase finds something. */
function phraseOf(random: () => number, count: number): string {
  const { bytes } = largeMessage(Math.floor(random() * count), count);
  const lines = bytes.toString('latin1').split('\r\n');
  const plain = lines.filter((line) => /^[a-z]+( [a-z]+){5,}$/.test(line));
  const words = (plain[Math.floor(random() * plain.length)] ?? `${wordOfRank(3)} ${wordOfRank(9)}`).split(' ');
  return words.slice(1, 4).join(' ');
}

function senderOf(random: () => number, count: number): string {
  const { bytes } = largeMessage(Math.floor(random() * count), count);
  return (/^From: (\w+)/m.exec(bytes.toString('latin1'))?.[1] ?? wordOfRank(500)).toLowerCase();
}

/** About 200 searches of the kinds people make, over the mail of `largeMessage`. */
export function benchQueries(count: number): BenchQuery[] {
  const random = seeded(20_261_122);
  const rank = (from: number, to: number): string => wordOfRank(from + Math.floor(random() * (to - from)));
  const frequent = (): string => rank(0, 30);
  const middling = (): string => rank(200, 3000);
  const rare = (): string => rank(15_000, 39_000);
  const year = (): number => 2016 + Math.floor(random() * 10);
  const many = (times: number, make: () => BenchQuery): BenchQuery[] => Array.from({ length: times }, make);
  return [
    ...many(20, () => same('frequent word', frequent())),
    ...many(30, () => same('middling word', middling())),
    ...many(20, () => same('rare word', rare())),
    ...many(25, () => same('two words', `${frequent()} ${middling()}`)),
    ...many(20, () => same('phrase', `"${phraseOf(random, count)}"`)),
    ...many(20, () => same('from:', `from:${senderOf(random, count)}`)),
    ...many(15, () => same('subject:', `subject:${middling()}`)),
    ...many(20, () => dated(`${frequent()}`, year())),
    ...many(15, () => same('prefix', `${middling().slice(0, 5)}*`)),
    ...many(10, () => {
      const [a, b] = [middling(), middling()];
      return { kind: 'or', postrider: `${a} OR ${b}`, mu: `${a} or ${b}`, notmuch: `${a} or ${b}` };
    }),
    ...many(10, () => {
      const [a, b] = [middling(), frequent()];
      return { kind: 'without', postrider: `${a} -${b}`, mu: `${a} and not ${b}`, notmuch: `${a} and not ${b}` };
    }),
    ...many(10, () => same('no hits', `${rare()}qx`)),
  ];
}

function dated(word: string, year: number): BenchQuery {
  return {
    kind: 'word and dates',
    postrider: `${word} after:${year}-03-01 before:${year}-09-01`,
    mu: `${word} date:${year}0301..${year}0831`,
    notmuch: `${word} date:${year}-03-01..${year}-08-31`,
  };
}
