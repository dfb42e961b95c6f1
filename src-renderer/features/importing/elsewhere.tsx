import {
  AtSign,
  BookUser,
  DatabaseBackup,
  FileText,
  FolderOpen,
  type LucideIcon,
  Mailbox,
  Mails,
  MonitorCog,
} from 'lucide-react';
import { useState } from 'react';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { Button, RadioCards, Section } from '../../ui/index.ts';
import { PathField } from '../../ui/path-field.tsx';

const kinds = [
  'takeout',
  'mbox',
  'maildir',
  'eml',
  'thunderbird',
  'apple-mail',
  'contacts',
  'outlook',
  'backup',
] as const;
type Kind = (typeof kinds)[number];
type KindWithPath = Exclude<Kind, 'outlook' | 'backup'>;

const icons: Readonly<Record<Kind, LucideIcon>> = {
  takeout: AtSign,
  mbox: Mailbox,
  maildir: FolderOpen,
  eml: FileText,
  thunderbird: Mails,
  'apple-mail': Mails,
  contacts: BookUser,
  outlook: MonitorCog,
  backup: DatabaseBackup,
};

/** Mail that has to be pointed at. The kind is asked for its hint alone; what really lies there is found out. */
export function Elsewhere(props: {
  onLook: (path: string) => void;
  isLooking: boolean;
  onError: (error: unknown) => void;
}) {
  const open = useNavigation((state) => state.open);
  const [kind, setKind] = useState<Kind | null>(null);
  return (
    <Section title={t('importing.else.title')} className="importing-else">
      <RadioCards
        label={t('importing.else.kind')}
        isLabelHidden
        options={kinds.map((value) => ({
          value,
          icon: icons[value],
          label: t(`importing.else.${value}`),
          description: t(`importing.else.${value}.text`),
        }))}
        value={kind}
        onChange={setKind}
      />
      {kind === 'outlook' && <p className="importing-how">{t('importing.else.outlook.how')}</p>}
      {kind === 'backup' && (
        <div className="importing-how">
          <p>{t('importing.else.backup.how')}</p>
          <Button variant="primary" onPress={() => open({ kind: 'backup' })}>
            {t('importing.else.backup.go')}
          </Button>
        </div>
      )}
      {kind !== null && kind !== 'outlook' && kind !== 'backup' && <Point key={kind} kind={kind} {...props} />}
    </Section>
  );
}

function Point(props: {
  kind: KindWithPath;
  onLook: (path: string) => void;
  isLooking: boolean;
  onError: (error: unknown) => void;
}) {
  const [path, setPath] = useState('');
  const [showsProblem, setShowsProblem] = useState(false);
  const look = (): void => {
    setShowsProblem(true);
    if (path.trim() !== '') props.onLook(path.trim());
  };
  return (
    <form
      className="importing-point"
      onSubmit={(event) => {
        event.preventDefault();
        look();
      }}
    >
      <PathField
        label={t('importing.path')}
        description={t(`importing.else.${props.kind}.path`)}
        value={path}
        onChange={setPath}
        error={showsProblem && path.trim() === '' ? t('importing.path.missing') : null}
        choosers={[
          { kind: 'file', label: t('importing.choose.file'), title: t('importing.choose.file') },
          { kind: 'folder', label: t('importing.choose.folder'), title: t('importing.choose.folder') },
        ]}
        onError={props.onError}
      />
      <div>
        <Button variant="primary" onPress={look} isDisabled={props.isLooking}>
          {t('importing.look')}
        </Button>
      </div>
    </form>
  );
}
