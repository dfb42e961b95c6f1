import { HardDriveDownload } from 'lucide-react';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { Button, Card, Section } from '../../ui/index.ts';

/** Mail coming in has a screen of its own. */
export function ImportPanel() {
  const open = useNavigation((state) => state.open);
  return (
    <Card className="backup-panel">
      <Section title={t('backup.import')} description={t('backup.import.text')}>
        <div>
          <Button icon={HardDriveDownload} onPress={() => open({ kind: 'import' })}>
            {t('importing.open')}
          </Button>
        </div>
      </Section>
    </Card>
  );
}
