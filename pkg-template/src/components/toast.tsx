import { type ReactNode, useEffect, useRef } from 'react';
import { fields } from './fields.js';
import { type ToastTimer, toastExpiry } from './toast-expiry.js';

/** A notification, as {@link NotificationToast} shows it. Rows may have more fields. */
export interface ToastItem {
  id: string;
  type?: 'info' | 'success' | 'warning' | 'error';
  title?: string | null;
  message?: string | null;
  priority?: 'low' | 'normal' | 'high';
  /** Whether it was read; if so, it is not shown. */
  read?: boolean;
  /** How long it is shown, in milliseconds; overrides the component's `durationMs`. */
  duration?: number;
  /** `false`: it is shown until it is closed. */
  autoClose?: boolean;
}

/** Whether it interrupts a screen reader, and is shown until it is closed. */
export const isUrgent = ({ type, priority }: ToastItem): boolean =>
  type === 'error' || priority === 'high';

/** Returns how long it is shown; `undefined`: until it is closed. */
export function durationOf(item: ToastItem, durationMs: number | false): number | undefined {
  if (item.autoClose === false) return undefined;
  if (typeof item.duration === 'number') return item.duration;
  return durationMs === false || isUrgent(item) ? undefined : durationMs;
}

interface ToastProps {
  item: ToastItem;
  /** How long it is shown, if it expires. */
  durationMs: number | undefined;
  isPaused: boolean;
  /** The name of its type. */
  type: string;
  close: string;
  onExpire: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** One toast. */
export function Toast(props: ToastProps): ReactNode {
  const { item, durationMs, isPaused, type, close, onExpire, onClose, children } = props;
  const shown = fields(item);
  const timer = useRef<ToastTimer>(undefined);
  const expire = useRef(onExpire);
  useEffect(() => {
    expire.current = onExpire;
  });
  useEffect(() => {
    if (durationMs === undefined) return;
    const own = toastExpiry.begin(durationMs, () => expire.current());
    timer.current = own;
    return () => own.end();
  }, [durationMs]);
  useEffect(() => {
    if (isPaused) timer.current?.pause();
    else timer.current?.resume();
  }, [isPaused]);
  return (
    <li className="tw-toast" data-type={shown.type ?? 'info'} data-priority={shown.priority}>
      <div className="tw-toast-body" role={isUrgent(item) ? 'alert' : undefined}>
        <span className="tw-toast-type">{type}</span>
        {children}
      </div>
      <button type="button" className="tw-toast-close" aria-label={close} onClick={onClose}>
        <span aria-hidden="true">×</span>
      </button>
    </li>
  );
}
