import { t } from '../../i18n/index.ts';
import { barsOf } from './sparkline-model.ts';

const barWidth = 4;
const gap = 1;
const height = 20;

/** The last attempts as bars, newest at the end; failed ones red and cut off at the top, so that colour is not all. */
export function Sparkline({ recentMs }: { recentMs: readonly number[] }) {
  const bars = barsOf(recentMs);
  if (bars.length === 0) return null;
  const width = bars.length * (barWidth + gap);
  const label = t('outgoing-servers.spark', {
    count: bars.length,
    failed: bars.filter(({ isFailure }) => isFailure).length,
  });
  return (
    <svg className="servers-spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img">
      <title>{label}</title>
      {bars.map((bar, index) => {
        const tall = bar.isFailure ? height : Math.max(2, Math.round(bar.height * (height - 2)));
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
            key={index}
            x={index * (barWidth + gap)}
            y={height - tall}
            width={barWidth}
            height={tall}
            rx="1"
            data-failed={bar.isFailure ? '' : undefined}
          />
        );
      })}
    </svg>
  );
}
