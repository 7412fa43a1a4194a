import { type ReactNode, useEffect, useRef } from 'react';
import { fields } from './fields.js';
import { type ToastLife, toastExpiry } from './toast-expiry.js';

/** What {@link NotificationToast} shows of a notification. Rows may have more fields. */
export interface ToastItem {
  id: string;
  type?: 'info' | 'success' | 'warning' | 'error';
  title?: string | null;
  message?: string | null;
  priority?: 'low' | 'normal' | 'high';
  /** What was read is not shown. */
  read?: boolean;
  /** How long it stays, in milliseconds, whatever the component says. */
  duration?: number;
  /** `false`: it stays until it is closed. */
  autoClose?: boolean;
}

/** Whether a screen reader is interrupted for it, and it stays until it is closed. */
export const isUrgent = ({ type, priority }: ToastItem): boolean =>
  type === 'error' || priority === 'high';

/** How long it stays; `undefined`: until it is closed. */
export function lifeOf(item: ToastItem, durationMs: number | false): number | undefined {
  if (item.autoClose === false) return undefined;
  if (typeof item.duration === 'number') return item.duration;
  return durationMs === false || isUrgent(item) ? undefined : durationMs;
}

interface ToastProps {
  item: ToastItem;
  /** How long it stays, if it goes by itself. */
  lifeMs: number | undefined;
  isPaused: boolean;
  /** What kind of notification it is, in a word. */
  type: string;
  close: string;
  onExpire: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** One toast. */
export function Toast(props: ToastProps): ReactNode {
  const { item, lifeMs, isPaused, type, close, onExpire, onClose, children } = props;
  const shown = fields(item);
  const life = useRef<ToastLife>(undefined);
  const expire = useRef(onExpire);
  useEffect(() => {
    expire.current = onExpire;
  });
  useEffect(() => {
    if (lifeMs === undefined) return;
    const own = toastExpiry.begin(lifeMs, () => expire.current());
    life.current = own;
    return () => own.end();
  }, [lifeMs]);
  useEffect(() => {
    if (isPaused) life.current?.pause();
    else life.current?.resume();
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
