import { FlaskConical } from 'lucide-react';
import { useState } from 'react';
import { folder } from '#shared/mail/folder.ts';
import { ScannerSettings as Scanner } from '#shared/mail/quarantine.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { useNavigation } from '../../navigation.ts';
import { useAppInfo, useFolders, useSettings } from '../../projection/stores.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, NumberField, Select, Switch, showToast, TextArea, TextField } from '../../ui/index.ts';
import { codesIn, fromScannerForm, type ScannerForm, scannerPresets, toScannerForm } from './scanner-form.ts';
import { ScannerTrial, type TrialState } from './scanner-trial.tsx';

const none = Scanner.parse({});
const presetNames = ['clamdscan', 'clamscan'] as const;

/** The program that judges each message before it is filed. */
export function ScannerSettings() {
  const api = useApi();
  const stored = useSettings((state) => state.settings?.scanner ?? none);
  const [edited, setEdited] = useState<ScannerForm | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [trial, setTrial] = useState<TrialState>({ kind: 'none' });
  const form = edited ?? toScannerForm(stored);
  const set = (patch: Partial<ScannerForm>): void => setEdited({ ...form, ...patch });
  const scanner = fromScannerForm(form, stored.isEnabled);
  const canName = useAppInfo((state) => state.info?.capabilities.confirm === true);

  const save = (isEnabled: boolean): void => {
    const patch = fromScannerForm(form, isEnabled);
    if (patch === null) return;
    setError(null);
    api
      .call('scanner.set', { patch })
      .then(() => {
        setEdited(null);
        showToast({ text: t('quarantine.saved'), lastsMs: 3000 });
      })
      .catch(setError);
  };
  const tryIt = (): void => {
    if (scanner === null) return;
    setError(null);
    setTrial({ kind: 'running' });
    api.call('scanner.try', { scanner }).then(
      (result) => setTrial({ kind: 'done', result }),
      (cause: unknown) => {
        setTrial({ kind: 'none' });
        setError(cause);
      },
    );
  };

  return (
    <div className="settings-stack">
      <Switch
        isSelected={stored.isEnabled}
        isDisabled={!stored.isEnabled && (scanner === null || !canName)}
        onChange={save}
        description={t('quarantine.on.text')}
      >
        {t('quarantine.on')}
      </Switch>
      <ProgramNote canName={canName} />
      <Fields form={form} set={set} canName={canName} />
      <FormError error={error} />
      <p className="settings-text">{t('quarantine.try.text')}</p>
      <div className="settings-scanner-acts">
        <Button
          icon={FlaskConical}
          isPending={trial.kind === 'running'}
          isDisabled={scanner === null || (!canName && !stored.isEnabled)}
          onPress={tryIt}
        >
          {t('quarantine.try')}
        </Button>
        <Button
          variant="primary"
          isDisabled={edited === null || scanner === null}
          onPress={() => save(stored.isEnabled)}
        >
          {t('quarantine.save')}
        </Button>
      </div>
      <ScannerTrial trial={trial} />
      <HeldCount />
    </div>
  );
}

function ProgramNote({ canName }: { canName: boolean }) {
  return (
    <div className="settings-text">
      <p>{t(canName ? 'quarantine.program.asked' : 'quarantine.program.byCommand')}</p>
      {!canName && <code>{t('quarantine.program.command', { file: '{file}' })}</code>}
    </div>
  );
}

function Fields(props: { form: ScannerForm; set: (patch: Partial<ScannerForm>) => void; canName: boolean }) {
  const { form, set, canName } = props;
  return (
    <>
      <Select
        label={t('quarantine.preset')}
        isDisabled={!canName}
        placeholder={t('quarantine.preset.choose')}
        options={presetNames.map((value) => ({ value, label: t(`quarantine.preset.${value}`) }))}
        value={null}
        onChange={(name) => set(scannerPresets[name])}
      />
      <TextField
        label={t('quarantine.command')}
        isDisabled={!canName}
        description={t('quarantine.command.text')}
        value={form.command}
        onChange={(command) => set({ command })}
        spellCheck="false"
        autoComplete="off"
      />
      <TextArea
        label={t('quarantine.arguments')}
        isDisabled={!canName}
        description={t('quarantine.arguments.text', { file: '{file}' })}
        value={form.arguments}
        onChange={(args) => set({ arguments: args })}
        rows={3}
        spellCheck="false"
      />
      <div className="settings-scanner-pair">
        <NumberField
          label={t('quarantine.timeLimit')}
          description={t('quarantine.timeLimit.text')}
          unit={t('quarantine.seconds')}
          value={form.timeLimitSeconds}
          minValue={1}
          maxValue={600}
          onChange={(timeLimitSeconds) => set({ timeLimitSeconds: numberOr(timeLimitSeconds, 60) })}
        />
        <NumberField
          label={t('quarantine.atOnce')}
          value={form.atOnce}
          minValue={1}
          maxValue={16}
          onChange={(atOnce) => set({ atOnce: numberOr(atOnce, 2) })}
        />
        <TextField
          label={t('quarantine.cleanCodes')}
          value={form.cleanCodes}
          onChange={(cleanCodes) => set({ cleanCodes })}
          error={codesIn(form.cleanCodes) === null ? t('quarantine.codesWrong') : null}
        />
        <TextField
          label={t('quarantine.rejectedCodes')}
          value={form.rejectedCodes}
          onChange={(rejectedCodes) => set({ rejectedCodes })}
          error={codesIn(form.rejectedCodes) === null ? t('quarantine.codesWrong') : null}
        />
      </div>
      <Select
        label={t('quarantine.whenNotJudged')}
        description={t('quarantine.whenNotJudged.text')}
        options={Scanner.shape.whenNotJudged
          .unwrap()
          .options.map((value) => ({ value, label: t(`quarantine.whenNotJudged.${value}`) }))}
        value={form.whenNotJudged}
        onChange={(whenNotJudged) => set({ whenNotJudged })}
      />
    </>
  );
}

/** An emptied number field says NaN. */
function numberOr(value: number, otherwise: number): number {
  return Number.isFinite(value) ? value : otherwise;
}

function HeldCount() {
  const open = useNavigation((state) => state.open);
  const count = useFolders((state) => state.folders.find((one) => one.folder === folder.quarantine)?.total ?? 0);
  if (count === 0) return null;
  return (
    <div className="settings-scanner-acts">
      <p>{t('quarantine.heldCount', { count })}</p>
      <Button size="small" onPress={() => open({ kind: 'mail', folder: folder.quarantine })}>
        {t('quarantine.open')}
      </Button>
    </div>
  );
}
