import { z } from 'zod';
import { MessageKey } from '#shared/ids.ts';

/** The type messages carry while they are dragged from a list to a folder. */
export const messageDragType = 'application/x-postrider-messages';

interface DroppedItem {
  readonly kind: string;
  getText?(type: string): Promise<string>;
}

export function writeDraggedKeys(keys: readonly MessageKey[]): string {
  return JSON.stringify(keys);
}

/** The messages that were dropped. */
export async function readDraggedKeys(items: readonly DroppedItem[]): Promise<MessageKey[]> {
  const keys: MessageKey[] = [];
  for (const item of items) {
    const parsed = z.array(MessageKey).safeParse(parse((await item.getText?.(messageDragType)) ?? ''));
    if (parsed.success) keys.push(...parsed.data);
  }
  return keys;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // SyntaxError: something else was dropped.
    return null;
  }
}
