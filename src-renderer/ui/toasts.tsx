import { Undo2, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { create } from 'zustand';
import { t } from '../i18n/index.ts';
import { Button, IconButton } from './button.tsx';
import { ProgressRing } from './progress.tsx';
import './toasts.css';

export interface Toast {
  id: number;
  text: string;
  action?: { label: string; isUndo?: boolean; onPress: () => void };
  lastsMs: number;
  /** Something is under way: the bar stays until it is taken away. */
  progress?: { done: number; total: number };
}

/** A bar for what is under way. */
export interface ProgressToast {
  set: (done: number) => void;
  dismiss: () => void;
}

interface ToastsState {
  toasts: Toast[];
  dismiss: (id: number) => void;
}

const useToasts = create<ToastsState>()((set) => ({
  toasts: [],
  dismiss: (id) => set((state) => ({ toasts: state.toasts.filter((toast) => toast.id !== id) })),
}));

let nextId = 1;
const undoLastsMs = 10_000;
/** With nothing to press it need not stay. */
const sayLastsMs = 5_000;

/** Says something quietly for a while; at most three at once. The answer takes it away. */
export function showToast(toast: { text: string; action?: Toast['action']; lastsMs?: number }): () => void {
  const id = nextId++;
  const entry: Toast = {
    id,
    text: toast.text,
    action: toast.action,
    lastsMs: toast.lastsMs ?? (toast.action === undefined ? sayLastsMs : undoLastsMs),
  };
  useToasts.setState((state) => ({ toasts: [...state.toasts.slice(-2), entry] }));
  return () => useToasts.getState().dismiss(id);
}

/** Says what is under way and how far it is, with a way to stop it. */
export function showProgress(text: string, total: number, stop: () => void): ProgressToast {
  const id = nextId++;
  const action = { label: t('ui.stop'), onPress: stop };
  const entry: Toast = { id, text, action, lastsMs: Number.POSITIVE_INFINITY, progress: { done: 0, total } };
  useToasts.setState((state) => ({ toasts: [...state.toasts.slice(-2), entry] }));
  return {
    set: (done) =>
      useToasts.setState((state) => ({
        toasts: state.toasts.map((toast) => (toast.id === id ? { ...toast, progress: { done, total } } : toast)),
      })),
    dismiss: () => useToasts.getState().dismiss(id),
  };
}

/** The bar after a destructive act: what was done, and Undo for ten seconds. */
export function offerUndo(text: string, undo: () => void): () => void {
  return showToast({ text, action: { label: t('ui.undo'), isUndo: true, onPress: undo } });
}

/** Undoes what the newest bar offers to undo; false when there is none. */
export function undoLast(): boolean {
  const { toasts, dismiss } = useToasts.getState();
  const newest = toasts.findLast((toast) => toast.action?.isUndo === true);
  if (newest === undefined) return false;
  dismiss(newest.id);
  newest.action?.onPress();
  return true;
}

/** Where the bars appear; rendered once, by the app. */
export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  return (
    <section className="ui-toasts" aria-live="polite" aria-label={t('ui.messages')}>
      {toasts.map((toast) => (
        <ToastBar key={toast.id} toast={toast} />
      ))}
    </section>
  );
}

function ToastBar({ toast }: { toast: Toast }) {
  const dismiss = useToasts((state) => state.dismiss);
  const [isHeld, setHeld] = useState(false);
  const left = useRef(toast.lastsMs);
  useEffect(() => {
    // Time stands still under the pointer and while the focus is inside.
    if (isHeld || toast.lastsMs === Number.POSITIVE_INFINITY) return;
    const began = performance.now();
    const timer = setTimeout(() => dismiss(toast.id), left.current);
    return () => {
      clearTimeout(timer);
      left.current = Math.max(2000, left.current - (performance.now() - began));
    };
  }, [isHeld, dismiss, toast.id, toast.lastsMs]);
  const { action, progress } = toast;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only holds the clock; everything to operate is inside
    <div
      className="ui-toast"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {progress !== undefined && <ProgressRing label={toast.text} value={progress.done} max={progress.total} />}
      <span className="ui-toast-words">{toast.text}</span>
      {action !== undefined && (
        <Button
          variant="quiet"
          size="small"
          icon={action.isUndo === true ? Undo2 : undefined}
          onPress={() => {
            dismiss(toast.id);
            action.onPress();
          }}
        >
          {action.label}
        </Button>
      )}
      {progress === undefined && (
        <IconButton label={t('ui.dismiss')} icon={X} size="small" onPress={() => dismiss(toast.id)} />
      )}
    </div>
  );
}
