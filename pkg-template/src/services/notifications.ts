/** Notifications of one user: of the system, payments, messages, calls and bills. */
import type { Mutation } from '../index.js';
import { defineService } from './define.js';
import { type Id, rows } from './definition.js';
import { type Changeable, newestFirst, type StoredRow } from './stored-row.js';

/** A notification's priority. */
export type Priority = 'low' | 'normal' | 'high';

/** A notification. */
export interface Notification extends StoredRow {
  /** The type. */
  type: 'info' | 'success' | 'warning' | 'error';
  /** The topic. */
  category: 'system' | 'payment' | 'message' | 'call' | 'bill';
  title: string;
  message: string;
  priority: Priority;
  /** Whether the user has read it. */
  read: boolean;
  /** Further data. */
  data: { readonly [member: string]: unknown } | null;
}

/** The service of notifications. */
export const notifications = defineService({
  rows: {
    /** The newest 100 of a user, newest first. Conflicts are resolved for the client: a notification marked as read stays so. */
    notifications: rows<Notification>()({
      channel: (user: Id) => `notifications:${user}`,
      path: (user: Id) => `/users/${user}/notifications`,
      table: 'notifications',
      filter: (user: Id) => ({ user_id: user }),
      order: 'created_at',
      sort: newestFirst,
      limit: 100,
      conflict: 'client-wins',
    }),
  },
});

const RANKS: { readonly [P in Priority]: number } = { high: 0, normal: 1, low: 2 };

/** Returns the unread notifications. */
export const unread = (items: readonly Notification[]): readonly Notification[] =>
  items.filter(({ read }) => !read);

/** Returns the number of unread notifications. */
export const unreadCount = (items: readonly Notification[]): number => unread(items).length;

/** Returns the notifications sorted: unread first, then by priority, then newest first. */
export const byPriority = (items: readonly Notification[]): readonly Notification[] =>
  [...items].sort(
    (a, b) =>
      Number(a.read) - Number(b.read) || RANKS[a.priority] - RANKS[b.priority] || newestFirst(a, b),
  );

/** Marks a notification as read. */
export const markRead = (list: Changeable<Notification>, id: string): Mutation<Notification> =>
  list.update(id, { read: true });

/** Marks all notifications as read. */
export const markAllRead = (list: Changeable<Notification>): readonly Mutation<Notification>[] =>
  unread(list.items).map(({ id }) => markRead(list, id));

/** Removes a notification. */
export const dismiss = (list: Changeable<Notification>, id: string): Mutation<Notification> =>
  list.remove(id);
