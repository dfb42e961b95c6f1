import { RE2JS } from 're2js';
import { MailError } from '#shared/mail-error.ts';

/** Whether a pattern is found in a text. */
export type Pattern = (text: string) => boolean;

/** A line longer than this is cut, and so much of a text is looked at in all: a pattern of any kind is done with it soon. */
const maxLine = 2000;
const maxCharacters = 32_000;

/** A pattern that asks for hundreds of repetitions takes its time for each character. */
const maxMs = 250;

/**
 * Makes a regular expression, letter case left aside, that is tried line by line. The engine is RE2's: no backtracking,
 * so `(a+)+$` takes time in proportion to the text. Throws EINVALID for what is no pattern, look-around and
 * back-references included.
 */
export function compilePattern(source: string): Pattern {
  const compiled = compiledOf(source);
  return (text) => {
    const until = performance.now() + maxMs;
    const lines = text.slice(0, maxCharacters).split(/\r?\n/);
    for (const [at, line] of lines.entries()) {
      const isCut = line.length > maxLine || (at === lines.length - 1 && text.length > maxCharacters);
      // The line feed behind what was cut keeps `$` from taking the cut for the end.
      if (compiled.test(isCut ? `${line.slice(0, maxLine)}\n` : line)) return true;
      if (performance.now() > until) return false;
    }
    return false;
  };
}

function compiledOf(source: string): RE2JS {
  try {
    return RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    throw new MailError('EINVALID', `“${source}” is not a regular expression Postrider can use. Nothing was saved.`, {
      cause: error,
    });
  }
}
