import type { ServerId } from '#shared/ids.ts';
import type { RouteExplanation, SkipReason } from '#shared/mail/outbox.ts';
import { t } from '../../i18n/index.ts';
import { StateMark } from '../state-mark.tsx';
import './route-view.css';

export interface RouteViewProps {
  route: RouteExplanation;
  /** The name of a server that was left out. */
  labelOf: (id: ServerId) => string;
}

/** How a message would leave: who is tried in which order and why, who is left out and why. */
export function RouteView({ route, labelOf }: RouteViewProps) {
  const first = route.attempts[0];
  return (
    <div className="ui-route">
      {!route.location.isOnline && (
        <p className="ui-route-note">
          <StateMark state="waiting" look="icon" />
          {t('delivery.route.offline')}
        </p>
      )}
      {first === undefined ? (
        <p className="ui-route-note">
          <StateMark state="waiting" look="icon" />
          {t('delivery.route.nobody')}
        </p>
      ) : (
        <>
          <p className="ui-route-head">{t('delivery.route.order')}</p>
          <ol className="ui-route-list">
            {route.attempts.map((attempt, index) => (
              <li key={`${attempt.serverId} ${attempt.endpoint}`} className="ui-route-step">
                <span className="ui-route-number" aria-hidden="true">
                  {index + 1}
                </span>
                <span className="ui-route-words">
                  <span>
                    <strong>{attempt.serverLabel}</strong> <bdi className="ui-route-endpoint">{attempt.endpoint}</bdi>
                  </span>
                  <span className="ui-route-why">{attempt.why}</span>
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
      {route.skipped.length > 0 && <SkippedView skipped={route.skipped} labelOf={labelOf} />}
      <p className="ui-route-why">{t('delivery.route.at', { location: route.location.name })}</p>
    </div>
  );
}

/** Servers passed over, each with its reason. */
export function SkippedView({
  skipped,
  labelOf,
}: {
  skipped: RouteExplanation['skipped'];
  labelOf: RouteViewProps['labelOf'];
}) {
  return (
    <>
      <p className="ui-route-head">{t('delivery.route.leftOut')}</p>
      <ul className="ui-route-list">
        {skipped.map(({ serverId, reason, detail }) => (
          <li key={`${serverId} ${reason}`} className="ui-route-step">
            <StateMark state="passed-over" look="icon" />
            <span className="ui-route-words">
              <span>
                <strong>{labelOf(serverId)}</strong>: {t(`delivery.skip.${reason}`)}
              </span>
              {detail !== undefined && !plainReasons.has(reason) && <span className="ui-route-why">{detail}</span>}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Reasons that say it all: their detail would be the same in other words. */
const plainReasons: ReadonlySet<SkipReason> = new Set([
  'disabled',
  'network-not-allowed',
  'needs-password',
  'no-endpoint',
]);
