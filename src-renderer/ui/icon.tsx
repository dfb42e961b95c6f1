import type { LucideIcon } from 'lucide-react';

export type IconType = LucideIcon;

/** One icon of the set, 16 px unless told otherwise, one stroke. Decorative: the word stands beside it or in a label. */
export function Icon({ of: Drawing, size = 16, className }: { of: IconType; size?: 16 | 20; className?: string }) {
  return <Drawing size={size} strokeWidth={1.75} aria-hidden="true" focusable="false" className={className} />;
}
