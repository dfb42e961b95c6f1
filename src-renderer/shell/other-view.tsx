import { SetupWizard } from '../features/account-setup/wizard.tsx';
import { BackupScreen } from '../features/backup/screen.tsx';
import { ImportScreen } from '../features/importing/screen.tsx';
import { LookFirstScreen } from '../features/look-first/screen.tsx';
import { NetworksScreen } from '../features/networks/screen.tsx';
import { OutboxScreen } from '../features/outbox/screen.tsx';
import { OutgoingServersScreen } from '../features/outgoing-servers/screen.tsx';
import { RulesScreen } from '../features/rules/screen.tsx';
import { SettingsScreen } from '../features/settings/screen.tsx';
import type { View } from '../navigation.ts';
import { OpenedFileView } from './opened-file-view.tsx';

/** The screens beside the mail. */
export function OtherView({ view }: { view: Exclude<View, { kind: 'mail' }> }) {
  return <div className="shell-screen">{screenOf(view)}</div>;
}

function screenOf(view: Exclude<View, { kind: 'mail' }>) {
  switch (view.kind) {
    case 'outbox':
      return <OutboxScreen />;
    case 'outgoing-servers':
      return <OutgoingServersScreen />;
    case 'networks':
      return <NetworksScreen />;
    case 'settings':
      return <SettingsScreen />;
    case 'account-setup':
      return <SetupWizard />;
    case 'backup':
      return <BackupScreen />;
    case 'import':
      return <ImportScreen />;
    case 'look-first':
      return <LookFirstScreen accountId={view.accountId} />;
    case 'opened-file':
      return <OpenedFileView key={view.uploadId} uploadId={view.uploadId} fileName={view.fileName} />;
    case 'rules':
      return <RulesScreen key={view.like?.value} like={view.like ?? null} />;
  }
}
