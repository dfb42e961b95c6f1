import type { ComposeStart } from '../../navigation.ts';

/** Writes one message. */
export function Composer({ id, start }: { id: string; start: ComposeStart }) {
  return <div data-composer={id}>{start.kind}</div>;
}
