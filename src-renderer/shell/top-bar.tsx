import { Menu, RefreshCw, SquarePen } from 'lucide-react';
import type { FolderPath } from '#shared/ids.ts';
import { SearchBox } from '../features/search/search-box.tsx';
import { Activity } from '../features/status/activity.tsx';
import { isFinished } from '../features/status/standing.ts';
import { t } from '../i18n/index.ts';
import { useNavigation } from '../navigation.ts';
import { useJobs } from '../projection/stores.ts';
import { Button, IconButton } from '../ui/index.ts';

export interface TopBarProps {
  folder: FolderPath;
  canCollect: boolean;
  onCollect: () => void;
  onLeaveSearch: () => void;
  onToggleFolders: () => void;
}

/** Compose, collect, search, activity. */
export function TopBar(props: TopBarProps) {
  const compose = useNavigation((state) => state.compose);
  const isCollecting = useJobs((state) =>
    Object.values(state.byId).some((job) => job.jobKind === 'collect' && !isFinished(job)),
  );
  return (
    <header className="shell-top">
      <IconButton className="shell-narrow" label={t('folders.title')} icon={Menu} onPress={props.onToggleFolders} />
      <Button variant="primary" icon={SquarePen} aria-label={t('app.compose')} onPress={() => compose({ kind: 'new' })}>
        <span className="shell-label">{t('app.compose')}</span>
      </Button>
      <Button
        variant="quiet"
        icon={RefreshCw}
        isDisabled={!props.canCollect}
        isPending={isCollecting}
        aria-label={t(isCollecting ? 'app.collecting' : 'app.collect')}
        onPress={props.onCollect}
      >
        <span className="shell-label">{t(isCollecting ? 'app.collecting' : 'app.collect')}</span>
      </Button>
      <span className="shell-top-fill" />
      <SearchBox folder={props.folder} onLeave={props.onLeaveSearch} />
      <Activity />
    </header>
  );
}
