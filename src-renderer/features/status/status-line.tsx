import { CircleHelp, MapPin, Pause, Play, RefreshCw, Route, SendHorizontal, WifiOff } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import type { Result } from '#shared/rpc/contract.ts';
import { useApi } from '../../api.ts';
import { formatDue, formatMoment, t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useConditions, useJobs, useLocation, useOutbox, useSettings } from '../../projection/stores.ts';
import { Icon, IconButton, type IconType, Tooltip } from '../../ui/index.ts';
import { collectStanding, isFinished, outboxStanding, wayOut } from './standing.ts';
import './status-line.css';
import '../../ui/state-mark.css';

/** Always in view: where we are, how mail leaves, what waits, when mail was last collected. Each part opens its screen. */
export function StatusLine({ onCollect }: { onCollect: () => void }) {
  const open = useNavigation((state) => state.open);
  return (
    <footer className="status" role="contentinfo" aria-label={t('status.label')}>
      <Place onPress={() => open({ kind: 'networks' })} />
      <span className="status-line-between" />
      <WayOut onPress={() => open({ kind: 'outgoing-servers' })} />
      <span className="status-line-between" />
      <Outbox onPress={() => open({ kind: 'outbox' })} />
      <PauseButton />
      <span className="status-fill" />
      <Collected onPress={onCollect} />
    </footer>
  );
}

function Part(props: {
  icon: IconType;
  hint: string;
  state?: 'waiting' | 'refused' | 'uncertain' | 'trying';
  onPress: () => void;
  children: ReactNode;
}) {
  return (
    <Tooltip text={props.hint}>
      <AriaButton className="status-part" data-state-colour={props.state} onPress={props.onPress}>
        <Icon of={props.icon} />
        <span>{props.children}</span>
      </AriaButton>
    </Tooltip>
  );
}

function Place({ onPress }: { onPress: () => void }) {
  const location = useLocation((state) => state.location);
  if (location?.isOnline === false)
    return (
      <Part icon={WifiOff} hint={t('status.whereHint')} state="waiting" onPress={onPress}>
        {t('status.whereOffline')}
      </Part>
    );
  return (
    <Part icon={MapPin} hint={t('status.whereHint')} onPress={onPress}>
      {location === null ? t('status.whereUnknown') : t('status.whereOnline', { place: location.name })}
    </Part>
  );
}

function WayOut({ onPress }: { onPress: () => void }) {
  const settings = useSettings((state) => state.settings);
  const way = useWay();
  const isPaused = settings?.preferences.sendingPaused === true;
  return (
    <Part icon={Route} hint={t('status.sendsHint')} state={isPaused ? 'waiting' : undefined} onPress={onPress}>
      {isPaused
        ? t('status.sendsPaused')
        : way === null
          ? t('status.sendsNobody')
          : t('status.sendsBy', { server: way })}
    </Part>
  );
}

/** Holds everything back, and lets it go again. */
function PauseButton() {
  const api = useApi();
  const isPaused = useSettings((state) => state.settings?.preferences.sendingPaused === true);
  const hasServers = useSettings((state) => (state.settings?.servers.length ?? 0) > 0);
  if (!hasServers && !isPaused) return null;
  return (
    <IconButton
      label={isPaused ? t('status.resume') : t('status.pause')}
      icon={isPaused ? Play : Pause}
      size="small"
      onPress={() => {
        // A refusal shows by itself: the button stays as it was.
        api.call('settings.setPreferences', { sendingPaused: !isPaused }).catch(() => undefined);
      }}
    />
  );
}

/** The first server the first identity's mail would go to now: asked anew when settings, the network or what is remembered of a server change. */
function useWay(): string | null {
  const api = useApi();
  const settings = useSettings((state) => state.settings);
  const locationId = useLocation((state) => state.location?.locationId);
  const conditions = useConditions((state) => state.byServer);
  const [way, setWay] = useState<string | null>(null);
  const from = settings?.identities[0]?.address;
  // biome-ignore lint/correctness/useExhaustiveDependencies: servers and place are what the answer depends on
  useEffect(() => {
    if (from === undefined) return setWay(null);
    let isOld = false;
    api.call('route.explain', { from }).then(
      (explained) => {
        if (!isOld) setWay(wayOut(explained));
      },
      () => {
        if (!isOld) setWay(null);
      },
    );
    return () => {
      isOld = true;
    };
  }, [api, from, settings?.servers, settings?.identities, locationId, conditions]);
  return way;
}

function Outbox({ onPress }: { onPress: () => void }) {
  const items = useOutbox((state) => state.byId);
  const standing = outboxStanding(Object.values(items));
  const words = [
    standing.waiting === 0 ? t('status.outboxEmpty') : t('status.outboxWaits', { count: standing.waiting }),
    standing.isSending ? t('status.outboxSending') : null,
    standing.asks > 0 ? t('status.outboxAsks', { count: standing.asks }) : null,
    standing.next === null || standing.isSending
      ? null
      : t(standing.next.isAgain ? 'status.outboxNext' : 'status.outboxSends', { time: formatDue(standing.next.at) }),
  ];
  const state =
    standing.asks > 0 ? 'uncertain' : standing.isSending ? 'trying' : standing.waiting > 0 ? 'waiting' : undefined;
  return (
    <Part
      icon={standing.asks > 0 ? CircleHelp : SendHorizontal}
      hint={t('status.outboxHint')}
      state={state}
      onPress={onPress}
    >
      {words.filter((word) => word !== null).join(', ')}
    </Part>
  );
}

function Collected({ onPress }: { onPress: () => void }) {
  const jobs = useJobs((state) => state.byId);
  const standing = collectStanding(useCollectStatus(), Object.values(jobs));
  const hasAccounts = useSettings((state) => (state.settings?.accounts.length ?? 0) > 0);
  if (!hasAccounts) return null;
  const text =
    standing === null
      ? t('status.collectedNever')
      : t(standing.isFailed ? 'status.collectFailed' : 'status.collectedAt', { time: formatMoment(standing.at) });
  return (
    <Part
      icon={standing?.isFailed === true ? CircleHelp : RefreshCw}
      hint={standing?.isFailed === true ? standing.words : t('status.collectHint')}
      state={standing?.isFailed === true ? 'refused' : undefined}
      onPress={onPress}
    >
      {text}
    </Part>
  );
}

function useCollectStatus(): Result<'collect.status'> {
  const api = useApi();
  const accounts = useSettings((state) => state.settings?.accounts);
  const finished = useJobs(
    (state) => Object.values(state.byId).filter((job) => job.jobKind === 'collect' && isFinished(job)).length,
  );
  const [status, setStatus] = useState<Result<'collect.status'>>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: every finished collection and every change of accounts asks anew
  useEffect(() => {
    let isOld = false;
    api.call('collect.status', {}).then(
      (answer) => {
        if (!isOld) setStatus(answer);
      },
      () => undefined,
    );
    return () => {
      isOld = true;
    };
  }, [api, accounts, finished]);
  return status;
}
