import type { ParsedMessage } from '#shared/mail/message.ts';

/** More than anyone reads in a window, and more than a screen should be sent at once. */
const maxText = 1_000_000;
const maxHtml = 5_000_000;

/** A message as far as a screen shows it; what is left out is said. */
export function shownPart(parsed: ParsedMessage): ParsedMessage {
  const { text, html } = parsed;
  if (text.length <= maxText && (html === null || html.length <= maxHtml)) return parsed;
  return {
    ...parsed,
    text: text.slice(0, maxText),
    html: html === null || html.length <= maxHtml ? html : html.slice(0, maxHtml),
    defects: [
      ...parsed.defects,
      'The message is very long, and only its beginning is shown. Save it as a file to see all of it.',
    ],
  };
}
