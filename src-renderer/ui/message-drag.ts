import { z } from 'zod';
import { MessageKey } from '#shared/ids.ts';

/** The type messages carry while they are dragged from a list to a folder. */
export const messageDragType = 'application/x-postrider-messages';

export function writeDraggedKeys(keys: readonly MessageKey[]): string {
  return JSON.stringify(keys);
}

/** The messages that were dropped. */
export function readDraggedKeys(text: string): MessageKey[] {
  const parsed = z.array(MessageKey).safeParse(parse(text));
  return parsed.success ? parsed.data : [];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // SyntaxError: something else was dropped.
    return null;
  }
}
