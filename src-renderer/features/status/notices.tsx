import { folder } from '#shared/mail/folder.ts';
import type { Notice } from '#shared/rpc/contract.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useAppInfo, useConnection, useNotices, useOutbox, useSettings } from '../../projection/stores.ts';
import { Banner, Button } from '../../ui/index.ts';
import { CollectProblems } from './collect-problems.tsx';
import './notices.css';

/** Quiet bars under the top: what one has to know about the profile, and a connection that is coming back. */
export function Notices({ onRetry }: { onRetry: () => void }) {
  const notices = useNotices((state) => state.notices);
  const connection = useConnection((state) => state.state);
  const isQuarantine = useNavigation(({ view }) => view.kind === 'mail' && view.folder === folder.quarantine);
  // Who looks at Quarantine sees what lies there.
  const isNews = ({ action }: Notice): boolean => !(isQuarantine && action === 'open-quarantine');
  // A reload of the application is over in a moment: the bar comes when it is not.
  const isAway = connection.kind === 'reconnecting' && connection.attempt > 1;
  return (
    <div className="notices">
      {isAway && (
        <Banner
          level="warning"
          actions={
            <Button size="small" onPress={onRetry}>
              {t('app.retryNow')}
            </Button>
          }
        >
          {t('app.reconnecting')}
        </Banner>
      )}
      <PausedBar />
      {notices.filter(isNews).map((notice) => (
        <NoticeBar key={notice.id} notice={notice} />
      ))}
      <CollectProblems />
    </div>
  );
}

/** On every screen while nothing is sent: whoever paused it yesterday finds out today. */
function PausedBar() {
  const api = useApi();
  const open = useNavigation((state) => state.open);
  const isOutbox = useNavigation((state) => state.view.kind === 'outbox');
  const isPaused = useSettings((state) => state.settings?.preferences.sendingPaused === true);
  const waiting = useOutbox((state) => Object.keys(state.byId).length);
  if (!isPaused) return null;
  return (
    <Banner
      level="warning"
      actions={
        <>
          {!isOutbox && waiting > 0 && (
            <Button size="small" variant="quiet" onPress={() => open({ kind: 'outbox' })}>
              {t('composing.showOutbox')}
            </Button>
          )}
          <Button
            size="small"
            onPress={() => {
              api.call('settings.setPreferences', { sendingPaused: false }).catch(() => undefined);
            }}
          >
            {t('status.resume')}
          </Button>
        </>
      }
    >
      {waiting === 0 ? t('status.pausedBar') : t('status.pausedWaits', { count: waiting })}
    </Banner>
  );
}

function NoticeBar({ notice }: { notice: Notice }) {
  const api = useApi();
  const open = useNavigation((state) => state.open);
  const mailFolder = useAppInfo((state) => state.info?.mailFolder);
  const act = (): void => {
    if (notice.action === 'open-outbox') open({ kind: 'outbox' });
    else if (notice.action === 'open-settings') open({ kind: 'settings' });
    else if (notice.action === 'open-rules') open({ kind: 'rules' });
    else if (notice.action === 'open-backup') open({ kind: 'backup' });
    else if (notice.action === 'look-first') open({ kind: 'look-first', accountId: notice.accountId });
    else if (notice.action === 'open-quarantine') open({ kind: 'mail', folder: folder.quarantine });
    else if (mailFolder !== undefined) void api.call('host.openPath', { path: mailFolder });
  };
  return (
    <Banner
      level={notice.level}
      actions={
        notice.action !== 'none' && (
          <Button size="small" onPress={act}>
            {t(`status.notice.${notice.action}`)}
          </Button>
        )
      }
      onDismiss={() => void api.call('app.dismissNotice', { id: notice.id })}
    >
      {notice.text}
    </Banner>
  );
}
