import { Plus } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Rule, RuleInput } from '#shared/mail/rule.ts';
import { useApi } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import type { RuleStart } from '../../navigation.ts';
import { FormError } from '../../ui/form-error.tsx';
import { Button, Select, showToast, TextField } from '../../ui/index.ts';
import { ActionRow } from './action-row.tsx';
import { ConditionRow } from './condition-row.tsx';
import { emptyAction, emptyCondition, type RuleForm, ruleOfForm, toRuleForm } from './rule-form.ts';
import { Trial } from './trial.tsx';

interface RuleEditorProps {
  rule: Rule | null;
  /** What a new one begins with. */
  like: RuleStart | null;
  onClose: () => void;
}

/** Edits a rule, or makes one, in plain sentences; tries it on a folder before it is saved. */
export function RuleEditor({ rule, like, onClose }: RuleEditorProps) {
  const api = useApi();
  const [form, setForm] = useState<RuleForm>(() => toRuleForm(rule, like));
  const [showsProblems, setShowsProblems] = useState(false);
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { rule: made, problems } = ruleOfForm(form);

  const save = (input: RuleInput): void => {
    setSaving(true);
    setError(null);
    const saving =
      rule === null ? api.call('rule.add', input) : api.call('rule.set', { id: rule.id, patch: { ...input } });
    saving
      .then(() => {
        showToast({ text: t('rules.saved', { name: input.name }) });
        onClose();
      })
      .catch(setError)
      .finally(() => setSaving(false));
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setShowsProblems(true);
    if (made !== null) save(made);
  };
  return (
    <section
      className="rules-editor"
      aria-label={rule?.name ?? t('rules.new')}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <form onSubmit={submit} className="rules-form" noValidate>
        <TextField
          label={t('rules.name')}
          value={form.name}
          onChange={(name) => setForm({ ...form, name })}
          error={showsProblems && problems.includes('name') ? t('rules.name.missing') : null}
          maxLength={200}
          autoFocus
        />
        <Conditions form={form} onChange={setForm} problems={showsProblems ? problems : []} />
        <Actions form={form} onChange={setForm} problems={showsProblems ? problems : []} />
        <FormError error={error} />
        <div className="rules-acts">
          <Button onPress={onClose}>{t('ui.cancel')}</Button>
          <Button variant="primary" type="submit" isPending={isSaving}>
            {t('rules.save')}
          </Button>
        </div>
      </form>
      <Trial
        title={t('rules.try')}
        draft={() => {
          setShowsProblems(true);
          // A rule can be tried before it has a name.
          return made ?? ruleOfForm({ ...form, name: form.name.trim() === '' ? t('rules.new') : form.name }).rule;
        }}
      />
    </section>
  );
}

interface PartProps {
  form: RuleForm;
  onChange: (form: RuleForm) => void;
  problems: readonly string[];
}

function Conditions({ form, onChange, problems }: PartProps) {
  const { conditions } = form;
  const [added, setAdded] = useState<number | null>(null);
  const add = (): void => {
    const condition = emptyCondition();
    setAdded(condition.id);
    onChange({ ...form, conditions: [...conditions, condition] });
  };
  return (
    <div className="rules-part">
      <Select
        label={t('rules.match')}
        options={[
          { value: 'all', label: t('rules.match.all') },
          { value: 'any', label: t('rules.match.any') },
        ]}
        value={form.match}
        onChange={(match) => onChange({ ...form, match })}
      />
      {conditions.map((condition, index) => (
        <ConditionRow
          key={condition.id}
          condition={condition}
          number={index + 1}
          isWrong={problems.includes(`condition-${condition.id}`)}
          isNew={condition.id === added}
          onChange={(changed) => onChange({ ...form, conditions: conditions.with(index, changed) })}
          onRemove={
            conditions.length === 1
              ? undefined
              : () => onChange({ ...form, conditions: conditions.toSpliced(index, 1) })
          }
        />
      ))}
      <div>
        <Button size="small" icon={Plus} onPress={add}>
          {t('rules.condition.add')}
        </Button>
      </div>
    </div>
  );
}

function Actions({ form, onChange, problems }: PartProps) {
  const { actions } = form;
  const [added, setAdded] = useState<number | null>(null);
  const add = (): void => {
    const action = emptyAction();
    setAdded(action.id);
    onChange({ ...form, actions: [...actions, action] });
  };
  return (
    <div className="rules-part">
      <h2 className="ui-field-label">{t('rules.actions')}</h2>
      {actions.map((action, index) => (
        <ActionRow
          key={action.id}
          action={action}
          number={index + 1}
          isWrong={problems.includes(`action-${action.id}`)}
          isNew={action.id === added}
          onChange={(changed) => onChange({ ...form, actions: actions.with(index, changed) })}
          onRemove={
            actions.length === 1 ? undefined : () => onChange({ ...form, actions: actions.toSpliced(index, 1) })
          }
        />
      ))}
      <div>
        <Button size="small" icon={Plus} onPress={add}>
          {t('rules.action.add')}
        </Button>
      </div>
    </div>
  );
}
