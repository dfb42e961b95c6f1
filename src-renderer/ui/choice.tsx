import { Check, Minus } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Checkbox as AriaCheckbox,
  type CheckboxProps as AriaCheckboxProps,
  RadioGroup as AriaRadioGroup,
  Switch as AriaSwitch,
  type SwitchProps as AriaSwitchProps,
  Radio,
} from 'react-aria-components';
import { joinClasses } from './button.tsx';
import { FieldLabel, FieldNotes, type FieldWords } from './field.tsx';
import { Icon, type IconType } from './icon.tsx';
import './field.css';

export interface CheckboxProps extends Omit<AriaCheckboxProps, 'children' | 'className'> {
  children: ReactNode;
  description?: ReactNode;
  className?: string;
}

export function Checkbox({ children, description, className, ...rest }: CheckboxProps) {
  return (
    <AriaCheckbox {...rest} className={joinClasses('ui-check', className)}>
      {({ isIndeterminate }) => (
        <>
          <span className="ui-check-box" aria-hidden="true">
            <Icon of={isIndeterminate ? Minus : Check} />
          </span>
          <span className="ui-check-words">
            <span>{children}</span>
            {description !== undefined && <span className="ui-field-description">{description}</span>}
          </span>
        </>
      )}
    </AriaCheckbox>
  );
}

export interface SwitchProps extends Omit<AriaSwitchProps, 'children' | 'className'> {
  children: ReactNode;
  description?: ReactNode;
  className?: string;
}

/** On or off, at once. */
export function Switch({ children, description, className, ...rest }: SwitchProps) {
  return (
    <AriaSwitch {...rest} className={joinClasses('ui-switch', className)}>
      <span className="ui-switch-track" aria-hidden="true" />
      <span className="ui-check-words">
        <span>{children}</span>
        {description !== undefined && <span className="ui-field-description">{description}</span>}
      </span>
    </AriaSwitch>
  );
}

export interface RadioOption<T extends string> {
  value: T;
  label: string;
  description?: ReactNode;
  icon?: IconType;
  isDisabled?: boolean;
}

export interface RadioGroupProps<T extends string> extends FieldWords {
  options: readonly RadioOption<T>[];
  value: T | null;
  onChange: (value: T) => void;
  isDisabled?: boolean;
}

/** One of a few, all in view. */
export function RadioGroup<T extends string>(props: RadioGroupProps<T>) {
  return (
    <Choices {...props} listClass="ui-radio-list">
      {(option) => (
        <Radio key={option.value} value={option.value} isDisabled={option.isDisabled === true} className="ui-radio">
          <span className="ui-radio-dot" aria-hidden="true" />
          <Words option={option} />
        </Radio>
      )}
    </Choices>
  );
}

/** One of a few, each with a sentence or two: large targets. */
export function RadioCards<T extends string>(props: RadioGroupProps<T>) {
  return (
    <Choices {...props} listClass="ui-radio-cards">
      {(option) => (
        <Radio
          key={option.value}
          value={option.value}
          isDisabled={option.isDisabled === true}
          className="ui-radio ui-radio-card"
        >
          <span className="ui-radio-dot" aria-hidden="true" />
          {option.icon !== undefined && <Icon of={option.icon} size={20} />}
          <Words option={option} />
        </Radio>
      )}
    </Choices>
  );
}

function Choices<T extends string>(
  props: RadioGroupProps<T> & { listClass: string; children: (option: RadioOption<T>) => ReactNode },
) {
  const { label, isLabelHidden, description, error, options, value, onChange, isDisabled, listClass, children } = props;
  return (
    <AriaRadioGroup
      className="ui-field"
      value={value}
      onChange={(chosen) => {
        const option = options.find((candidate) => candidate.value === chosen);
        if (option !== undefined) onChange(option.value);
      }}
      isDisabled={isDisabled}
      isInvalid={error !== undefined && error !== null && error !== ''}
      validationBehavior="aria"
    >
      <FieldLabel label={label} isHidden={isLabelHidden} />
      <div className={listClass}>{options.map((option) => children(option))}</div>
      <FieldNotes description={description} error={error} />
    </AriaRadioGroup>
  );
}

function Words<T extends string>({ option }: { option: RadioOption<T> }) {
  return (
    <span className="ui-check-words">
      <span className={option.description === undefined ? undefined : 'ui-option-label'}>{option.label}</span>
      {option.description !== undefined && <span className="ui-field-description">{option.description}</span>}
    </span>
  );
}
