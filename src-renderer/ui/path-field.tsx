import { useApi } from '../api.ts';
import { useAppInfo } from '../projection/stores.ts';
import { Button } from './button.tsx';
import { TextField } from './field.tsx';
import './path-field.css';

export interface PathFieldProps {
  label: string;
  description: string;
  value: string;
  onChange: (path: string) => void;
  error: string | null;
  /** What can be chosen, where the host has a dialog for it. */
  choosers: readonly { kind: 'file' | 'folder'; label: string; title: string }[];
  onError: (error: unknown) => void;
  /** The path was typed to its end, or chosen. */
  onSettled?: (path: string) => void;
}

/** A path on this computer: typed, or chosen where the host can show a dialog. */
export function PathField(props: PathFieldProps) {
  const { label, description, value, onChange, error, choosers, onError, onSettled } = props;
  const api = useApi();
  const capabilities = useAppInfo((state) => state.info?.capabilities);
  const offered = choosers.filter(({ kind }) =>
    kind === 'file' ? capabilities?.chooseFile === true : capabilities?.chooseFolder === true,
  );
  const choose = (kind: 'file' | 'folder', title: string): void => {
    const startIn = value === '' ? undefined : value;
    api
      .call(kind === 'file' ? 'host.chooseFile' : 'host.chooseFolder', { title, startIn })
      .then(({ path }) => {
        if (path === null) return;
        onChange(path);
        onSettled?.(path);
      })
      .catch(onError);
  };
  return (
    <TextField
      label={label}
      description={description}
      value={value}
      onChange={onChange}
      onBlur={() => onSettled?.(value)}
      error={error}
      spellCheck="false"
      autoComplete="off"
      className="ui-path"
      suffix={offered.map(({ kind, label: words, title }) => (
        <Button key={kind} onPress={() => choose(kind, title)}>
          {words}
        </Button>
      ))}
    />
  );
}
