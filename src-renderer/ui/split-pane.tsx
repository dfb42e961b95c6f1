import { type KeyboardEvent, type PointerEvent, useCallback, useState } from 'react';
import './split-pane.css';

/** A size in pixels that is remembered on this device under `name`. */
export function useKeptSize(name: string, initial: number): [number, (size: number) => void] {
  const key = `postrider.size.${name}`;
  const [size, setSize] = useState(() => {
    const kept = Number(localStorage.getItem(key));
    return Number.isFinite(kept) && kept > 0 ? kept : initial;
  });
  const keep = useCallback(
    (next: number) => {
      setSize(next);
      localStorage.setItem(key, String(Math.round(next)));
    },
    [key],
  );
  return [size, keep];
}

export interface SplitterProps {
  /** What it resizes, for screen readers: "Width of the folder list". */
  label: string;
  size: number;
  min: number;
  max: number;
  /** Where a double click goes back to. */
  initial: number;
  onResize: (size: number) => void;
  /** `inline`: between columns; `block`: between rows. */
  axis?: 'inline' | 'block';
  /** The pane resized lies after the splitter. */
  isReversed?: boolean;
}

const stepPx = 16;

/** The line between two panes: dragged, or moved with the arrow keys, Home and End. */
export function Splitter({ label, size, min, max, initial, onResize, axis = 'inline', isReversed }: SplitterProps) {
  const [drag, setDrag] = useState<{ at: number; size: number } | null>(null);
  const resize = (next: number): void => onResize(Math.min(max, Math.max(min, next)));
  const towards = (element: Element): number =>
    (axis === 'inline' && getComputedStyle(element).direction === 'rtl' ? -1 : 1) * (isReversed === true ? -1 : 1);
  const position = (event: PointerEvent): number => (axis === 'inline' ? event.clientX : event.clientY);

  function onKeyDown(event: KeyboardEvent<HTMLDivElement>): void {
    const forward = axis === 'inline' ? 'ArrowRight' : 'ArrowDown';
    const backward = axis === 'inline' ? 'ArrowLeft' : 'ArrowUp';
    const sign = towards(event.currentTarget);
    if (event.key === forward) resize(size + stepPx * sign);
    else if (event.key === backward) resize(size - stepPx * sign);
    else if (event.key === 'Home') resize(min);
    else if (event.key === 'End') resize(max);
    else return;
    event.preventDefault();
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a focusable separator is the widget of a splitter (WAI-ARIA), an hr is not
    <div
      role="separator"
      tabIndex={0}
      className="ui-splitter"
      data-axis={axis}
      data-dragging={drag === null ? undefined : ''}
      aria-label={label}
      aria-orientation={axis === 'inline' ? 'vertical' : 'horizontal'}
      aria-valuenow={Math.round(size)}
      aria-valuemin={min}
      aria-valuemax={Math.round(max)}
      onKeyDown={onKeyDown}
      onDoubleClick={() => resize(initial)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ at: position(event), size });
      }}
      onPointerMove={(event) => {
        if (drag !== null) resize(drag.size + (position(event) - drag.at) * towards(event.currentTarget));
      }}
      onPointerUp={() => setDrag(null)}
      onPointerCancel={() => setDrag(null)}
    />
  );
}
