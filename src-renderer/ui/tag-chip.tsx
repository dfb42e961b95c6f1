import type { TagColour } from '#shared/mail/tag.ts';
import './tag-chip.css';

export interface TagChipProps {
  name: string;
  colour: TagColour;
  /** What a press does, in words; without it the chip is only shown. */
  label?: string;
  onPress?: () => void;
}

/** A tag: its name on its colour. */
export function TagChip({ name, colour, label, onPress }: TagChipProps) {
  if (onPress === undefined)
    return (
      <span className="ui-tag" data-colour={colour} dir="auto">
        {name}
      </span>
    );
  return (
    <button type="button" className="ui-tag" data-colour={colour} dir="auto" aria-label={label} onClick={onPress}>
      {name}
    </button>
  );
}
