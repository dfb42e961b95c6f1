import { t } from '../../i18n/index.ts';
import { Page } from '../../ui/page.tsx';
import { ExportPanel } from './export-panel.tsx';
import { ImportPanel } from './import-panel.tsx';
import './screen.css';

/** Mail going out in other forms, and coming in from elsewhere. */
export function BackupScreen() {
  return (
    <Page title={t('backup.title')} description={t('backup.description')}>
      <div className="backup-panels">
        <ExportPanel />
        <ImportPanel />
      </div>
    </Page>
  );
}
