import type { WordCounts } from '../../store/store-api.ts';

export interface Judgement {
  /** 0: surely good, 1: surely junk, 0.5: nothing is known. */
  readonly likelihood: number;
  /** What counted most, the strongest first. `likelihood`: of junk, by this word alone. */
  readonly words: { readonly word: string; readonly likelihood: number }[];
}

/** What an unknown word is taken for, and how much of that is mixed into a known one (Robinson). */
const unknown = 0.5;
const strength = 0.45;
/** Words nearer to the middle say nothing. */
const leastDistance = 0.1;
const mostWords = 150;

/**
 * How likely a message is junk, by its words: each word's likelihood after Robinson, all of them together after Fisher
 * (chi-square), as bogofilter and SpamBayes do it. Pure.
 */
export function judgeWords(known: readonly WordCounts[], totals: { junk: number; good: number }): Judgement {
  if (totals.junk === 0 || totals.good === 0) return { likelihood: unknown, words: [] };
  const words = known
    .map(({ word, junk, good }) => ({ word, likelihood: likelihoodOf(junk, good, totals) }))
    .filter(({ likelihood }) => Math.abs(likelihood - 0.5) >= leastDistance)
    .sort((a, b) => Math.abs(b.likelihood - 0.5) - Math.abs(a.likelihood - 0.5) || (a.word < b.word ? -1 : 1))
    .slice(0, mostWords);
  if (words.length === 0) return { likelihood: unknown, words };
  let forJunk = 0;
  let forGood = 0;
  for (const { likelihood } of words) {
    forJunk += Math.log(1 - likelihood);
    forGood += Math.log(likelihood);
  }
  const junk = 1 - inverseChiSquare(-2 * forJunk, words.length);
  const good = 1 - inverseChiSquare(-2 * forGood, words.length);
  return { likelihood: (junk - good + 1) / 2, words };
}

function likelihoodOf(junk: number, good: number, totals: { junk: number; good: number }): number {
  const inJunk = Math.min(1, junk / totals.junk);
  const inGood = Math.min(1, good / totals.good);
  if (inJunk + inGood === 0) return unknown;
  const seen = junk + good;
  return (strength * unknown + seen * (inJunk / (inJunk + inGood))) / (strength + seen);
}

/** The chance that chi-square with `2 * pairs` degrees of freedom is at least so large. */
function inverseChiSquare(chi: number, pairs: number): number {
  const half = chi / 2;
  // In logarithms: with many words the first term is too small for a number.
  let logTerm = -half;
  let sum = Math.exp(logTerm);
  for (let index = 1; index < pairs; index += 1) {
    logTerm += Math.log(half / index);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}
