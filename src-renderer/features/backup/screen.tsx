import { t } from '../../i18n/index.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Page } from '../../ui/page.tsx';
import { BackupPanel } from './backup-panel.tsx';
import { ExportPanel } from './export-panel.tsx';
import { ImportPanel } from './import-panel.tsx';
import { RestorePanel } from './restore-panel.tsx';
import { useBackups } from './use-backups.ts';
import './screen.css';

/** Backups, mail going out in other forms, and mail coming in from elsewhere. */
export function BackupScreen() {
  const { status, error } = useBackups();
  return (
    <Page title={t('backup.title')} description={t('backup.description')}>
      <FormError error={error} />
      <div className="backup-panels">
        <div className="backup-column">
          <BackupPanel status={status} />
          <RestorePanel status={status} />
        </div>
        <div className="backup-column">
          <ExportPanel />
          <ImportPanel />
        </div>
      </div>
    </Page>
  );
}
