/** The notifications of a page: a store without a provider. */
import { useSyncExternalStore } from 'react';
import type { Unsubscribe } from '../../index.js';
import { ListenerList } from '../listeners.js';
import { after, type Cancel } from './deadlines.js';

const DURATION_MS = 5_000;

export interface Notification {
  /** Assigned by the store. */
  readonly id: string;
  readonly type: 'info' | 'success' | 'warning' | 'error';
  readonly title?: string;
  readonly message?: string;
  /** When it was added, in milliseconds since 1970. */
  readonly timestamp: number;
  /** Whether it expires. Default `true`. */
  readonly autoClose?: boolean;
  /** How long it is shown, in milliseconds. Default 5000. */
  readonly duration?: number;
}

/** The argument of {@link addNotification}. */
export type NewNotification = Omit<Notification, 'id' | 'timestamp'>;

export interface NotificationState {
  /** The notifications, oldest first; the same array until one is added or removed. */
  readonly notifications: readonly Notification[];
  /** Like {@link addNotification}. */
  readonly addNotification: (notification: NewNotification) => string;
  /** Like {@link removeNotification}. */
  readonly removeNotification: (id: string) => void;
}

const expiries = new Map<string, Cancel>();
const listeners = /* @__PURE__ */ new ListenerList();

const suffix = (): string => Math.random().toString(36).slice(2).padEnd(9, '0').slice(0, 9);

/**
 * Shows a notification. It expires after `duration`, or 5 seconds, unless `autoClose` is `false`.
 *
 * @returns its id, for {@link removeNotification}
 * @deprecated Use the `notifications` service of `tidewire/services` with `NotificationToast` of
 * `tidewire/components`.
 */
export function addNotification(notification: NewNotification): string {
  const timestamp = Date.now();
  const id = `notif-${timestamp}-${suffix()}`;
  const { autoClose = true, duration = DURATION_MS } = notification;
  if (autoClose)
    expiries.set(
      id,
      after(duration, () => removeNotification(id)),
    );
  setNotifications([...state.notifications, { ...notification, id, timestamp }]);
  return id;
}

/**
 * Removes a notification. Unknown ids are ignored.
 *
 * @deprecated Use the `notifications` service of `tidewire/services`.
 */
export function removeNotification(id: string): void {
  expiries.get(id)?.();
  expiries.delete(id);
  const remaining = state.notifications.filter((notification) => notification.id !== id);
  if (remaining.length < state.notifications.length) setNotifications(remaining);
}

const initial: NotificationState = { notifications: [], addNotification, removeNotification };
let state = initial;

function setNotifications(notifications: readonly Notification[]): void {
  state = { ...state, notifications };
  listeners.emit();
}

const subscribe = (listener: () => void): Unsubscribe => listeners.add(listener);

const identity = (now: NotificationState): NotificationState => now;

/** A store that is also a hook. */
export interface NotificationStore {
  (): NotificationState;
  /** Returns the selected part of the state. The selector must return the same value for the same state. */
  <T>(selector: (state: NotificationState) => T): T;
  getState(): NotificationState;
  /** Adds a listener of changes; returns the function that removes it. */
  subscribe(listener: () => void): () => void;
}

/**
 * The store of notifications: `useNotificationStore((state) => state.notifications)`.
 *
 * @deprecated Use the `notifications` service of `tidewire/services`.
 */
export const useNotificationStore: NotificationStore = /* @__PURE__ */ Object.assign(
  <T>(selector: (now: NotificationState) => T = identity as never): T =>
    useSyncExternalStore(
      subscribe,
      () => selector(state),
      () => selector(initial),
    ),
  { getState: () => state, subscribe },
);

/**
 * Returns the notifications, oldest first.
 *
 * @deprecated Use the `notifications` service of `tidewire/services`.
 */
export const useNotifications = (): readonly Notification[] =>
  useNotificationStore((now) => now.notifications);
