import { X } from 'lucide-react';
import {
  type ContextType,
  type KeyboardEvent,
  memo,
  type Ref,
  type RefObject,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
} from 'react';
import {
  Button as AriaButton,
  ComboBox,
  ComboBoxStateContext,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Tag,
  TagGroup,
  TagList,
  Text,
} from 'react-aria-components';
import { type Address, formatAddress } from '#shared/mail/address.ts';
import { t } from '../i18n/index.ts';
import { isSendable, readAddresses } from './address-text.ts';
import { Icon } from './icon.tsx';
import './address-field.css';
import './menu.css';

type ComboState = ContextType<typeof ComboBoxStateContext>;

export interface AddressFieldProps {
  label: string;
  addresses: readonly Address[];
  onChange: (addresses: Address[]) => void;
  /** Finds addresses that begin like this, best first. */
  complete: (prefix: string) => Promise<readonly Address[]>;
  placeholder?: string;
  autoFocus?: boolean;
  inputRef?: Ref<HTMLInputElement>;
}

/** Addresses as chips with a line to type more. A comma, Enter, Tab or leaving the field makes a chip of what was typed; Backspace takes the last one back to edit. */
export function AddressField(props: AddressFieldProps) {
  const { addresses, onChange } = props;
  const [text, setText] = useState('');
  const found = useCompletion(text, props.complete);
  const combo = useRef<ComboState>(null);

  const add = (more: readonly Address[]): void => {
    const known = new Set(addresses.map(({ mailbox }) => mailbox.toLowerCase()));
    const fresh = more.filter(({ mailbox }) => !known.has(mailbox.toLowerCase()));
    if (fresh.length > 0) onChange([...addresses, ...fresh]);
    setText('');
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if ((event.key === ',' || event.key === ';') && isSendable(readAddresses(text)[0] ?? nobody)) {
      event.preventDefault();
      add(readAddresses(text));
    } else if (event.key === 'Enter' && text.trim() !== '' && combo.current?.selectionManager.focusedKey == null) {
      // With no suggestion chosen the combo box takes Enter for nothing new, and the text would stay as it is.
      event.preventDefault();
      add(readAddresses(text));
      combo.current?.close();
    } else if (event.key === 'Backspace' && text === '') {
      const last = addresses.at(-1);
      if (last === undefined) return;
      event.preventDefault();
      onChange(addresses.slice(0, -1));
      setText(formatAddress(last));
    }
  };

  const live = useRef(props);
  live.current = props;
  const remove = useCallback((gone: ReadonlySet<unknown>) => {
    const now = live.current;
    now.onChange(now.addresses.filter(({ mailbox }) => !gone.has(mailbox)));
  }, []);

  // Behind many names the place to type the next stays in sight.
  const box = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever names came or went
  useEffect(() => {
    // The chips are rendered after this field is.
    const frame = requestAnimationFrame(() => {
      const focused = document.activeElement;
      if (focused !== null && box.current?.contains(focused) === true) focused.scrollIntoView({ block: 'nearest' });
    });
    return () => cancelAnimationFrame(frame);
  }, [addresses.length]);

  return (
    <div className="ui-address">
      <div className="ui-address-box" ref={box}>
        <Chips label={props.label} addresses={addresses} onRemove={remove} />
        <ComboBox
          className="ui-address-combo"
          inputValue={text}
          onInputChange={setText}
          items={found.map((address) => ({ id: address.mailbox, address }))}
          allowsCustomValue
          allowsEmptyCollection={false}
          menuTrigger="input"
          value={null}
          onChange={(key) => {
            const chosen = found.find(({ mailbox }) => mailbox === key);
            if (chosen !== undefined) add([chosen]);
            else if (text.trim() !== '') add(readAddresses(text));
          }}
          onBlur={() => {
            if (text.trim() !== '') add(readAddresses(text));
          }}
        >
          <Label className="ui-visually-hidden">{props.label}</Label>
          <Input
            className="ui-address-input"
            placeholder={addresses.length === 0 ? props.placeholder : undefined}
            onKeyDown={onKeyDown}
            onPaste={(event) => {
              const pasted = readAddresses(event.clipboardData.getData('text'));
              if (pasted.length < 2) return;
              event.preventDefault();
              add(pasted);
            }}
            autoFocus={props.autoFocus}
            ref={props.inputRef}
            autoComplete="off"
            spellCheck={false}
          />
          <OpenWhenFound found={found} combo={combo} />
          <Popover className="ui-popover" offset={4}>
            <ListBox className="ui-menu">
              {({ address }: { id: string; address: Address }) => (
                <ListBoxItem id={address.mailbox} textValue={formatAddress(address)} className="ui-menu-item">
                  <span className="ui-menu-words">
                    <Text slot="label">{address.displayName === '' ? address.mailbox : address.displayName}</Text>
                    {address.displayName !== '' && (
                      <Text slot="description" className="ui-menu-description">
                        {address.mailbox}
                      </Text>
                    )}
                  </span>
                </ListBoxItem>
              )}
            </ListBox>
          </Popover>
        </ComboBox>
      </div>
    </div>
  );
}

/** The list opens by itself on typing only when its items are there already; these come a moment later, and go with the text. */
function OpenWhenFound({ found, combo }: { found: readonly Address[]; combo: RefObject<ComboState> }) {
  combo.current = useContext(ComboBoxStateContext);
  useEffect(() => {
    const state = combo.current;
    if (state === null) return;
    // A list left open over nothing would hide the rest of the page from assistive technology.
    if (found.length === 0 || state.inputValue.trim() === '') state.close();
    else if (state.isFocused && !state.isOpen) state.open(null, 'input');
  }, [found, combo]);
  return null;
}

const nobody: Address = { displayName: '', mailbox: '' };

interface ChipsProps {
  label: string;
  addresses: readonly Address[];
  onRemove: (mailboxes: ReadonlySet<unknown>) => void;
}

/** Rendered anew only when they change: two hundred at every key pressed anywhere in the message would make it slow. */
const Chips = memo(function Chips({ label, addresses, onRemove }: ChipsProps) {
  if (addresses.length === 0) return null;
  return (
    <TagGroup className="ui-address-chips" aria-label={t('ui.addressesIn', { label })} onRemove={onRemove}>
      <TagList>
        {addresses.map((address) => (
          <Tag
            key={address.mailbox}
            id={address.mailbox}
            textValue={formatAddress(address)}
            className="ui-address-chip"
            data-wrong={isSendable(address) ? undefined : ''}
          >
            <span title={address.displayName === '' ? undefined : formatAddress(address)}>
              {address.displayName === '' ? address.mailbox : address.displayName}
            </span>
            <AriaButton
              slot="remove"
              className="ui-address-remove"
              // What it is of is put behind it by the list.
              aria-label={t('ui.removeIt')}
            >
              <Icon of={X} />
            </AriaButton>
          </Tag>
        ))}
      </TagList>
    </TagGroup>
  );
});

/** Asks for completions a moment after typing stops; an answer to an older question is dropped. */
function useCompletion(text: string, complete: AddressFieldProps['complete']): readonly Address[] {
  const [found, setFound] = useState<readonly Address[]>([]);
  const ask = useRef(complete);
  ask.current = complete;
  useEffect(() => {
    const prefix = text.trim();
    if (prefix === '') {
      setFound([]);
      return;
    }
    let isOld = false;
    const timer = setTimeout(() => {
      ask.current(prefix).then(
        (addresses) => {
          if (!isOld) setFound(addresses);
        },
        () => {
          // Without suggestions the field still takes what is typed.
          if (!isOld) setFound([]);
        },
      );
    }, 80);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [text]);
  return found;
}
