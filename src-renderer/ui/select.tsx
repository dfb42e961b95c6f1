import { ChevronDown } from 'lucide-react';
import {
  Button as AriaButton,
  Select as AriaSelect,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
  Text,
} from 'react-aria-components';
import { joinClasses } from './button.tsx';
import { FieldLabel, FieldNotes, type FieldWords } from './field.tsx';
import { Icon } from './icon.tsx';
import './field.css';
import './menu.css';

export interface Option<T extends string> {
  value: T;
  label: string;
  description?: string;
  isDisabled?: boolean;
}

export interface SelectProps<T extends string> extends FieldWords {
  options: readonly Option<T>[];
  value: T | null;
  onChange: (value: T) => void;
  placeholder?: string;
  isDisabled?: boolean;
  autoFocus?: boolean;
  className?: string;
}

/** One of several, in a list that drops down. */
export function Select<T extends string>(props: SelectProps<T>) {
  const { label, isLabelHidden, description, error, options, value, onChange, placeholder, isDisabled } = props;
  return (
    <AriaSelect
      className={joinClasses('ui-field', props.className)}
      value={value}
      onChange={(key) => {
        const chosen = options.find((option) => option.value === key);
        if (chosen !== undefined) onChange(chosen.value);
      }}
      placeholder={placeholder ?? '…'}
      isDisabled={isDisabled}
      autoFocus={props.autoFocus}
      isInvalid={error !== undefined && error !== null && error !== ''}
      validationBehavior="aria"
    >
      <FieldLabel label={label} isHidden={isLabelHidden} />
      <AriaButton className="ui-select-button">
        <SelectValue className="ui-select-value" />
        <Icon of={ChevronDown} />
      </AriaButton>
      <FieldNotes description={description} error={error} />
      <Popover className="ui-popover" offset={4}>
        <ListBox className="ui-menu" items={options.map((option) => ({ ...option, id: option.value }))}>
          {(option) => (
            <ListBoxItem
              id={option.id}
              textValue={option.label}
              isDisabled={option.isDisabled === true}
              className="ui-menu-item"
            >
              <span className="ui-menu-words">
                <Text slot="label">{option.label}</Text>
                {option.description !== undefined && (
                  <Text slot="description" className="ui-menu-description">
                    {option.description}
                  </Text>
                )}
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
