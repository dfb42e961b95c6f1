import type { ServerId } from '#shared/ids.ts';
import type { RouteExplanation } from '#shared/mail/outbox.ts';
import { formatList, t } from '../../i18n/index.ts';
import { StateMark } from '../state-mark.tsx';
import { groupSkipped } from './group-skipped.ts';
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
      {route.cannot !== undefined && (
        <p className="ui-route-note">
          <StateMark state="refused" look="icon" />
          {route.cannot}
        </p>
      )}
      {first === undefined && route.cannot === undefined ? (
        <p className="ui-route-note">
          <StateMark state="waiting" look="icon" />
          {t('delivery.route.nobody')}
        </p>
      ) : (
        first !== undefined && (
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
        )
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
        {groupSkipped(skipped).map(({ serverIds, reason, detail }) => (
          <li key={`${serverIds[0]} ${reason}`} className="ui-route-step">
            <StateMark state="passed-over" look="icon" />
            <span className="ui-route-words">
              <span>
                <strong>{formatList(serverIds.map(labelOf))}</strong>:{' '}
                {serverIds.length === 1 ? t(`delivery.skip.${reason}`) : t('delivery.skip.several')}
              </span>
              {detail !== undefined && <span className="ui-route-why">{detail}</span>}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
