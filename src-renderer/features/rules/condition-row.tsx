import { X } from 'lucide-react';
import { t } from '../../i18n/index.ts';
import { useIdentities } from '../../projection/settings-parts.ts';
import { IconButton, NumberField, Select, TextField } from '../../ui/index.ts';
import { type ConditionForm, howsOf, isFieldName, whats } from './rule-form.ts';

export interface ConditionRowProps {
  condition: ConditionForm;
  number: number;
  isWrong: boolean;
  /** It was just asked for. */
  isNew: boolean;
  onChange: (condition: ConditionForm) => void;
  /** Absent for the only one. */
  onRemove?: () => void;
}

/** One condition as a sentence: what, how, which words. */
export function ConditionRow({ condition, number, isWrong, isNew, onChange, onRemove }: ConditionRowProps) {
  const hows = howsOf(condition.what);
  const identities = useIdentities();
  return (
    <fieldset className="rules-row">
      <legend className="ui-visually-hidden">{t('rules.condition', { number })}</legend>
      <Select
        label={t('rules.what')}
        isLabelHidden
        autoFocus={isNew}
        options={whats.map((what) => ({ value: what, label: t(`rules.field.${what}`) }))}
        value={condition.what}
        onChange={(what) => {
          const [first = 'contains'] = howsOf(what);
          onChange({ ...condition, what, how: howsOf(what).includes(condition.how) ? condition.how : first });
        }}
      />
      {condition.what === 'header' && (
        <TextField
          label={t('rules.header')}
          isLabelHidden
          placeholder={t('rules.header.placeholder')}
          value={condition.header}
          onChange={(header) => onChange({ ...condition, header })}
          error={isWrong && !isFieldName(condition.header) ? t('rules.header.wrong') : null}
          spellCheck="false"
        />
      )}
      <Select
        label={t('rules.how')}
        isLabelHidden
        options={hows.map((how) => ({ value: how, label: t(`rules.how.${how}`) }))}
        value={condition.how}
        onChange={(how) => onChange({ ...condition, how })}
      />
      {condition.what === 'size' && (
        <NumberField
          label={t('rules.field.size')}
          isLabelHidden
          value={condition.kilobytes}
          minValue={0}
          step={100}
          unit={t('rules.kilobytes')}
          onChange={(kilobytes) => onChange({ ...condition, kilobytes })}
          error={isWrong ? t('rules.size.wrong') : null}
        />
      )}
      {condition.what === 'identity' && (
        <Select
          label={t('rules.identity')}
          isLabelHidden
          options={identities.map(({ id, address }) => ({ value: `${id}`, label: address }))}
          value={condition.identityId}
          onChange={(identityId) => onChange({ ...condition, identityId })}
          error={isWrong ? t('rules.identity.missing') : null}
        />
      )}
      {hows.includes('contains') && (
        <TextField
          label={t('rules.value')}
          isLabelHidden
          className="rules-grows"
          value={condition.value}
          onChange={(value) => onChange({ ...condition, value })}
          description={condition.how.startsWith('pattern') ? t('rules.pattern.text') : undefined}
          error={isWrong && condition.value.trim() === '' ? t('rules.value.missing') : null}
          maxLength={1000}
        />
      )}
      {onRemove !== undefined && (
        <IconButton label={t('rules.condition.remove', { number })} icon={X} onPress={onRemove} />
      )}
    </fieldset>
  );
}
