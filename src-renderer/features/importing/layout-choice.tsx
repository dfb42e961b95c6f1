import type { MailSourceView } from '#shared/mail/mail-source.ts';
import { t } from '../../i18n/index.ts';
import { useFolders } from '../../projection/stores.ts';
import { Checkbox, RadioGroup, Select, TextField } from '../../ui/index.ts';
import { type ChoiceProblem, hasLabels, type ImportChoice, newFolder } from './import-choice.ts';
import { choose, useImport } from './import-state.ts';

/** Where it should go, and what of a Takeout should stay out. */
export function LayoutChoice({ source, problems }: { source: MailSourceView; problems: readonly ChoiceProblem[] }) {
  const choice = useImport((state) => state.choice);
  return (
    <div className="importing-layout">
      <RadioGroup
        label={t('importing.layout.label')}
        options={(['apart', 'below', 'one'] as const).map((value) => ({
          value,
          label: t(`importing.layout.${value}`),
          description: t(`importing.layout.${value}.text`),
        }))}
        value={choice.layout}
        onChange={(layout) => choose({ layout })}
      />
      {choice.layout === 'below' && (
        <TextField
          label={t('importing.layout.belowName')}
          value={choice.below}
          onChange={(below) => choose({ below })}
          error={problems.includes('below-wrong') ? t('importing.layout.wrong') : null}
          autoFocus
        />
      )}
      {choice.layout === 'one' && <Into choice={choice} isWrong={problems.includes('name-wrong')} />}
      {hasLabels(source) && choice.layout !== 'one' && <LeaveOut choice={choice} />}
    </div>
  );
}

function Into({ choice, isWrong }: { choice: ImportChoice; isWrong: boolean }) {
  const folders = useFolders((state) => state.folders);
  return (
    <>
      <Select
        label={t('importing.layout.into')}
        options={[
          ...folders
            .filter(({ folder }) => folder !== 'Outbox' && folder !== 'Drafts')
            .map(({ folder }) => ({ value: `${folder}`, label: folder })),
          { value: newFolder, label: t('importing.layout.into.new') },
        ]}
        value={choice.into}
        onChange={(into) => choose({ into })}
      />
      {choice.into === newFolder && (
        <TextField
          label={t('importing.layout.newName')}
          value={choice.newName}
          onChange={(newName) => choose({ newName })}
          error={isWrong ? t('importing.layout.wrong') : null}
          autoFocus
        />
      )}
    </>
  );
}

function LeaveOut({ choice }: { choice: ImportChoice }) {
  return (
    <fieldset className="importing-leave">
      <legend className="ui-field-label">{t('importing.leave.label')}</legend>
      {(['Junk', 'Trash'] as const).map((name) => (
        <Checkbox
          key={name}
          isSelected={choice.leavesOut.includes(name)}
          onChange={(isOut) =>
            choose({ leavesOut: isOut ? [...choice.leavesOut, name] : choice.leavesOut.filter((one) => one !== name) })
          }
        >
          {t(`importing.leave.${name}`)}
        </Checkbox>
      ))}
    </fieldset>
  );
}
