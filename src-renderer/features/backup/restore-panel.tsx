import { useState } from 'react';
import { FolderPath, type MessageKey } from '#shared/ids.ts';
import type { BackupContents, BackupStatus } from '#shared/mail/backup.ts';
import { folder as fixed } from '#shared/mail/folder.ts';
import { useApi } from '../../api.ts';
import { formatDateTime, formatList, t } from '../../i18n/index.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Banner, Button, Card, Checkbox, Section, Select, TextField } from '../../ui/index.ts';
import { PathField } from '../../ui/path-field.tsx';
import { type JobRun, useJob } from '../../ui/use-job.ts';
import { type Choice, Contents } from './backup-contents.tsx';
import { canBeDamaged, IntactOffer, type RestoreScope } from './intact-offer.tsx';
import { JobView } from './job-view.tsx';
import { PassphraseField } from './passphrase-field.tsx';
import { namesOf, Restored } from './restored.tsx';
import { isUnderWay } from './use-backups.ts';

const another = '\n';
const everything: Choice = { kind: 'all' };

/** Looks into a backup and puts back what is missing here. */
export function RestorePanel({ status }: { status: BackupStatus | null }) {
  const api = useApi();
  const [picked, setPicked] = useState<string | null>(null);
  const [path, setPath] = useState('');
  const [contents, setContents] = useState<BackupContents | null>(null);
  const [choice, setChoice] = useState<Choice>(everything);
  const [error, setError] = useState<unknown>(null);
  const made = status?.made ?? [];
  const chosen = picked ?? made[0]?.file ?? another;
  const file = chosen === another ? path.trim() : chosen;

  const look = (): void => {
    setError(null);
    setContents(null);
    setChoice(everything);
    if (file !== '') api.call('backup.inspect', { file }).then(setContents, setError);
  };
  return (
    <Card className="backup-panel">
      <Section title={t('backup.restore')} description={t('backup.restore.text')}>
        {made.length > 0 && (
          <Select
            label={t('backup.which')}
            options={[
              ...made.map((backup) => ({
                value: backup.file,
                label: formatDateTime(backup.createdAt),
                description: t(`backup.kind.${backup.kind}`),
              })),
              { value: another, label: t('backup.which.other') },
            ]}
            value={chosen}
            onChange={setPicked}
          />
        )}
        {chosen === another && (
          <PathField
            label={t('backup.file')}
            description={t('backup.file.text')}
            value={path}
            onChange={setPath}
            error={null}
            choosers={[{ kind: 'file', label: t('backup.choose.file'), title: t('backup.choose.backup') }]}
            onError={setError}
          />
        )}
        <div>
          <Button onPress={look} isDisabled={file === ''}>
            {t('backup.look')}
          </Button>
        </div>
        {canBeDamaged(error) ? (
          <IntactOffer key={file} why="damaged" file={file} scope={{ settings: 'if-empty' }} />
        ) : (
          <FormError error={error} />
        )}
        {contents !== null && contents.file === file && (
          <Inside key={contents.file} contents={contents} choice={choice} onChoose={setChoice} />
        )}
      </Section>
    </Card>
  );
}

function Inside(props: { contents: BackupContents; choice: Choice; onChoose: (choice: Choice) => void }) {
  const { contents, choice, onChoose } = props;
  const api = useApi();
  const job = useJob(() => undefined);
  const [passphrase, setPassphrase] = useState('');
  const [into, setInto] = useState('');
  const [addsSettings, setAddsSettings] = useState(false);
  const isRunning = job.run.kind === 'starting' || (job.run.kind === 'begun' && isUnderWay(job.run.state.kind));
  const isWhole = choice.kind === 'all';
  const place = FolderPath.safeParse(into.trim());
  const isPlaceWrong = !isWhole && into.trim() !== '' && !place.success;
  const request: RestoreScope = {
    ...scopeOf(choice),
    ...(isWhole || !place.success ? {} : { into: place.data }),
    settings: isWhole ? (addsSettings ? 'add' : 'if-empty') : 'leave',
    ...(isWhole && passphrase !== '' ? { passphrase } : {}),
  };
  const isDamaged = canBeDamaged(failureOf(job.run));
  const restore = (): void => job.start(() => api.call('backup.restore', { file: contents.file, ...request }));
  return (
    <>
      <p>
        <strong>{t(`backup.kind.${contents.kind}`)}</strong>{' '}
        {t('backup.inside', { date: formatDateTime(contents.createdAt), count: contents.messages })}
      </p>
      {contents.missing !== null && (
        <Banner level="error" className="backup-note">
          {t('backup.missing', { file: contents.missing })}
        </Banner>
      )}
      <Contents contents={contents} choice={choice} onChoose={onChoose} />
      <Gone contents={contents} choice={choice} />
      {!isWhole && choice.folder !== fixed.outbox && (
        <TextField
          label={t('backup.into')}
          description={t('backup.into.text')}
          placeholder={choice.folder}
          value={into}
          onChange={setInto}
          error={isPlaceWrong ? t('backup.into.wrong') : null}
        />
      )}
      {isWhole && (
        <Checkbox isSelected={addsSettings} onChange={setAddsSettings} description={t('backup.settings.text')}>
          {t('backup.settings')}
        </Checkbox>
      )}
      {isWhole && contents.hasSecrets && (
        <PassphraseField
          label={t('backup.passphrase')}
          description={t('backup.passphrase.restore')}
          value={passphrase}
          onChange={setPassphrase}
        />
      )}
      <div>
        <Button variant="primary" onPress={restore} isDisabled={isRunning || isPlaceWrong || contents.missing !== null}>
          {wordsOf(choice)}
        </Button>
      </div>
      {!isDamaged && (
        <JobView run={job.run} onCancel={job.cancel}>
          {(summary) => (summary.kind === 'backup' ? <Restored report={summary} /> : null)}
        </JobView>
      )}
      {(isDamaged || contents.missing !== null) && (
        <IntactOffer
          key={JSON.stringify(request)}
          why={isDamaged ? 'damaged' : 'missing'}
          file={contents.file}
          scope={request}
        />
      )}
    </>
  );
}

/** Folders of the backup that are not here any more: whether they come back, and where their mail is meanwhile. */
function Gone({ contents, choice }: { contents: BackupContents; choice: Choice }) {
  const gone = (contents.gone ?? []).filter(({ folder }) => choice.kind === 'all' || choice.folder === folder);
  const returning = gone.filter(({ comesBack }) => comesBack);
  const staying = gone.filter(({ comesBack, elsewhere }) => !comesBack && elsewhere > 0);
  if (returning.length + staying.length === 0) return null;
  return (
    <ul className="backup-muted">
      {returning.length > 0 && (
        <li>{t('backup.gone.returning', { folders: namesOf(returning.map(({ folder }) => folder)) })}</li>
      )}
      {staying.map(({ folder, elsewhere, elsewhereIn }) => (
        <li key={folder}>{t('backup.gone.staying', { folder, count: elsewhere, places: formatList(elsewhereIn) })}</li>
      ))}
    </ul>
  );
}

/** Why the restore failed, if it did. */
function failureOf(run: JobRun): unknown {
  return run.kind === 'begun' && run.state.kind === 'failed' ? run.state.error : null;
}

function scopeOf(choice: Choice): { folders?: FolderPath[]; messageKeys?: MessageKey[] } {
  switch (choice.kind) {
    case 'all':
      return {};
    case 'folder':
      return { folders: [choice.folder] };
    case 'messages':
      return { messageKeys: [...choice.keys] };
  }
}

function wordsOf(choice: Choice): string {
  switch (choice.kind) {
    case 'all':
      return t('backup.restore.all');
    case 'folder':
      return t('backup.restore.folder', { folder: choice.folder });
    case 'messages':
      return t('backup.restore.messages', { count: choice.keys.length });
  }
}
