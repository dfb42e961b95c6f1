import { CircleAlert, Minus, Plus } from 'lucide-react';
import type { ReactNode, Ref } from 'react';
import {
  Button as AriaButton,
  NumberField as AriaNumberField,
  type NumberFieldProps as AriaNumberFieldProps,
  TextArea as AriaTextArea,
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
  FieldError,
  Group,
  Input,
  Label,
  Text,
} from 'react-aria-components';
import { t } from '../i18n/index.ts';
import { joinClasses } from './button.tsx';
import { Icon } from './icon.tsx';
import './field.css';

export interface FieldWords {
  label: string;
  /** The label is for screen readers only. */
  isLabelHidden?: boolean;
  description?: ReactNode;
  /** What is wrong with it, in a sentence; undefined or null when nothing is. */
  error?: string | null;
}

export function FieldLabel({ label, isHidden }: { label: string; isHidden: boolean | undefined }) {
  return <Label className={isHidden === true ? 'ui-visually-hidden' : 'ui-field-label'}>{label}</Label>;
}

/** The line under a field: the error when there is one, else the description. */
export function FieldNotes({ description, error }: Pick<FieldWords, 'description' | 'error'>) {
  return (
    <>
      {description !== undefined && (
        <Text slot="description" className="ui-field-description">
          {description}
        </Text>
      )}
      <FieldError className="ui-field-error">
        {({ validationErrors }) => {
          const words = error ?? validationErrors.join(' ');
          return words === '' ? null : (
            <>
              <Icon of={CircleAlert} />
              <span>{words}</span>
            </>
          );
        }}
      </FieldError>
    </>
  );
}

export interface TextFieldProps extends Omit<AriaTextFieldProps, 'children' | 'className'>, FieldWords {
  placeholder?: string;
  /** Something at the end of the row: a button, a unit. */
  suffix?: ReactNode;
  className?: string;
  inputRef?: Ref<HTMLInputElement>;
}

/** One line of text. */
export function TextField(props: TextFieldProps) {
  const { label, isLabelHidden, description, error, placeholder, suffix, className, inputRef, ...rest } = props;
  return (
    <AriaTextField
      {...rest}
      isInvalid={isWrong(error) || rest.isInvalid}
      className={joinClasses('ui-field', className)}
      validationBehavior="aria"
    >
      <FieldLabel label={label} isHidden={isLabelHidden} />
      <div className="ui-input-row">
        <Input className="ui-input" placeholder={placeholder} ref={inputRef} />
        {suffix}
      </div>
      <FieldNotes description={description} error={error} />
    </AriaTextField>
  );
}

export interface TextAreaProps extends Omit<AriaTextFieldProps, 'children' | 'className'>, FieldWords {
  placeholder?: string;
  rows?: number;
  className?: string;
}

/** Several lines of text. */
export function TextArea(props: TextAreaProps) {
  const { label, isLabelHidden, description, error, placeholder, rows = 4, className, ...rest } = props;
  return (
    <AriaTextField
      {...rest}
      isInvalid={isWrong(error) || rest.isInvalid}
      className={joinClasses('ui-field', className)}
      validationBehavior="aria"
    >
      <FieldLabel label={label} isHidden={isLabelHidden} />
      <AriaTextArea className="ui-input" placeholder={placeholder} rows={rows} />
      <FieldNotes description={description} error={error} />
    </AriaTextField>
  );
}

export interface NumberFieldProps extends Omit<AriaNumberFieldProps, 'children' | 'className'>, FieldWords {
  /** What is counted, beside the field. */
  unit?: string;
  className?: string;
}

/** A number with steps. Port numbers want `formatOptions={{ useGrouping: false }}`. */
export function NumberField({ label, isLabelHidden, description, error, unit, className, ...rest }: NumberFieldProps) {
  return (
    <AriaNumberField
      {...rest}
      isInvalid={isWrong(error) || rest.isInvalid}
      className={joinClasses('ui-field', className)}
      validationBehavior="aria"
      decrementAriaLabel={t('ui.less', { label })}
      incrementAriaLabel={t('ui.more', { label })}
    >
      <FieldLabel label={label} isHidden={isLabelHidden} />
      <div className="ui-input-row">
        <Group className="ui-number">
          <Input className="ui-input" />
          <AriaButton slot="decrement" className="ui-number-step">
            <Icon of={Minus} />
          </AriaButton>
          <AriaButton slot="increment" className="ui-number-step">
            <Icon of={Plus} />
          </AriaButton>
        </Group>
        {unit !== undefined && <span className="ui-field-description">{unit}</span>}
      </div>
      <FieldNotes description={description} error={error} />
    </AriaNumberField>
  );
}

function isWrong(error: string | null | undefined): boolean {
  return error !== undefined && error !== null && error !== '';
}
