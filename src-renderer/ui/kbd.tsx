import './kbd.css';

/** Keys as they are pressed: `Ctrl+K`, or `G I` for one after the other. */
export function Kbd({ keys }: { keys: string }) {
  return (
    <span className="ui-keys">
      {keys
        .split(/[+ ]/)
        .filter((key) => key !== '')
        .map((key) => (
          <kbd key={key} className="ui-kbd">
            {key}
          </kbd>
        ))}
    </span>
  );
}
