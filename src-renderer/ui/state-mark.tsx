import { CircleCheck, CircleHelp, CircleMinus, CircleX, Clock } from 'lucide-react';
import type { ReactNode } from 'react';
import { t } from '../i18n/index.ts';
import { Icon } from './icon.tsx';
import { ProgressRing } from './progress.tsx';
import './state-mark.css';

/** The six states of a delivery. Set `data-state-colour` on any element to use `--state`, `--state-subtle`, `--state-line`. */
export type DeliveryState = 'took-it' | 'waiting' | 'refused' | 'uncertain' | 'passed-over' | 'trying';

export interface StateMarkProps {
  state: DeliveryState;
  /** The word, when a better one than the usual is known. */
  word?: ReactNode;
  /** `plain`: icon and word; `chip`: the same in a pill; `icon`: the word is for screen readers, because it stands beside it anyway. */
  look?: 'plain' | 'chip' | 'icon';
}

const icons = {
  'took-it': CircleCheck,
  waiting: Clock,
  refused: CircleX,
  uncertain: CircleHelp,
  'passed-over': CircleMinus,
} as const;

/** A state: colour, icon and word, always all three. */
export function StateMark({ state, word, look = 'plain' }: StateMarkProps) {
  return (
    <span className="ui-state" data-state-colour={state} data-look={look}>
      {state === 'trying' ? <ProgressRing label={null} value={null} size={16} /> : <Icon of={icons[state]} />}
      <span>{word ?? t(`ui.state.${state}`)}</span>
    </span>
  );
}
