import { Check, CircleHelp, Clock, Dot, Minus, X } from 'lucide-react';
import { Icon, type IconType } from './icon.tsx';
import { ProgressRing } from './progress.tsx';
import type { DeliveryState } from './state-mark.tsx';
import './stage-track.css';

export interface StageTick {
  readonly id: string;
  readonly label: string;
  /** `done`: went well. `last`: where it ended, in `state`. `unreached`: never came to it. `skipped`: not part of this dialogue. `running`: now. */
  readonly kind: 'done' | 'last' | 'unreached' | 'skipped' | 'running';
  /** How it ended, for `last`. */
  readonly state?: DeliveryState;
  /** For screen readers and on hover: the outcome, the time, the server's words. */
  readonly detail: string;
}

const endings: Record<DeliveryState, IconType> = {
  'took-it': Check,
  waiting: Clock,
  refused: X,
  uncertain: CircleHelp,
  'passed-over': Minus,
  trying: Dot,
};

/** A dialogue with a server as its stages, in order, on one line. Narrow: only the stage that matters keeps its name. */
export function StageTrack({ label, ticks }: { label: string; ticks: readonly StageTick[] }) {
  return (
    <div className="ui-track-room">
      <ol className="ui-track" aria-label={label} data-many={ticks.length > 7 ? '' : undefined}>
        {ticks.map((tick) => (
          <li
            key={tick.id}
            className="ui-track-stage"
            data-kind={tick.kind}
            data-state-colour={
              tick.kind === 'last' ? (tick.state ?? 'took-it') : tick.kind === 'running' ? 'trying' : undefined
            }
            title={tick.detail}
          >
            <span className="ui-track-dot" aria-hidden="true">
              <Glyph tick={tick} />
            </span>
            <span className="ui-track-label">{tick.label}</span>
            <span className="ui-visually-hidden">{tick.detail}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Glyph({ tick }: { tick: StageTick }) {
  switch (tick.kind) {
    case 'done':
      return <Icon of={Check} />;
    case 'running':
      return <ProgressRing label={null} value={null} size={16} />;
    case 'last':
      return <Icon of={endings[tick.state ?? 'took-it']} />;
    case 'skipped':
      return <Icon of={Minus} />;
    case 'unreached':
      return null;
  }
}
