import { ProgressBar as AriaProgressBar, Label } from 'react-aria-components';
import './progress.css';

export interface ProgressBarProps {
  /** What runs. */
  label: string;
  /** How far; null while the total is not known. */
  value: number | null;
  max?: number;
  /** How far, in words: "412 of 10,000". */
  valueText?: string;
}

/** What, and how far. */
export function ProgressBar({ label, value, max = 100, valueText }: ProgressBarProps) {
  return (
    <AriaProgressBar
      className="ui-progress"
      isIndeterminate={value === null}
      value={value ?? 0}
      maxValue={Math.max(max, 1)}
      valueLabel={valueText}
    >
      {({ percentage, valueText: shown }) => (
        <>
          <Label>{label}</Label>
          <span className="ui-progress-value">{value === null ? valueText : shown}</span>
          <div className="ui-progress-track">
            {value === null ? (
              <div className="ui-progress-fill" data-indeterminate="" />
            ) : (
              <div className="ui-progress-fill" style={{ inlineSize: `${percentage ?? 0}%` }} />
            )}
          </div>
        </>
      )}
    </AriaProgressBar>
  );
}

/** A small ring; decorative when `label` is null. */
export function ProgressRing({
  label,
  value,
  max = 1,
  size = 16,
}: {
  label: string | null;
  value: number | null;
  max?: number;
  size?: number;
}) {
  const radius = size / 2 - 1.5;
  const around = 2 * Math.PI * radius;
  const share = value === null ? 0.28 : Math.min(1, Math.max(0, value / Math.max(max, 1e-9)));
  const drawing = (
    <svg
      className="ui-ring"
      data-indeterminate={value === null ? '' : undefined}
      width={size}
      height={size}
      viewBox={`0 0 ${size} ${size}`}
      fill="none"
      strokeWidth="2"
      aria-hidden="true"
    >
      <circle className="ui-ring-track" cx={size / 2} cy={size / 2} r={radius} />
      <circle
        className="ui-ring-fill"
        cx={size / 2}
        cy={size / 2}
        r={radius}
        strokeDasharray={around}
        strokeDashoffset={around * (1 - share)}
        strokeLinecap="round"
        transform={`rotate(-90 ${size / 2} ${size / 2})`}
      />
    </svg>
  );
  if (label === null) return drawing;
  return (
    <AriaProgressBar aria-label={label} isIndeterminate={value === null} value={value ?? 0} maxValue={max}>
      {drawing}
    </AriaProgressBar>
  );
}

/** Holds the place of something on its way. */
export function Skeleton({ width = '100%', height = 12 }: { width?: string | number; height?: number }) {
  return <span className="ui-skeleton" style={{ inlineSize: width, blockSize: height }} aria-hidden="true" />;
}
