/** What one user is told: alerts of the system, confirmations of payments, messages, calls, bills. */
import type { Mutation } from '../index.js';
import { defineService } from './define.js';
import { type Id, rows } from './definition.js';
import { type Changeable, newestFirst, type StoredRow } from './stored-row.js';

/** How important it is. */
export type Priority = 'low' | 'normal' | 'high';

/** Something one user is told. */
export interface Notification extends StoredRow {
  /** Which kind of news it is. */
  type: 'info' | 'success' | 'warning' | 'error';
  /** What it is about. */
  category: 'system' | 'payment' | 'message' | 'call' | 'bill';
  title: string;
  message: string;
  priority: Priority;
  /** Whether the user has seen it. */
  read: boolean;
  /** More about it. */
  data: { readonly [member: string]: unknown } | null;
}

/** What one user is told. */
export const notifications = defineService({
  rows: {
    /** The newest 100 of a user, the newest first. Who reads one has read it, whatever else becomes of it. */
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

/** Those that were not read. */
export const unread = (items: readonly Notification[]): readonly Notification[] =>
  items.filter(({ read }) => !read);

/** How many were not read. */
export const unreadCount = (items: readonly Notification[]): number => unread(items).length;

/** What was not read before what was, the important before the less so, the newest before the older. */
export const byPriority = (items: readonly Notification[]): readonly Notification[] =>
  [...items].sort(
    (a, b) =>
      Number(a.read) - Number(b.read) || RANKS[a.priority] - RANKS[b.priority] || newestFirst(a, b),
  );

/** Marks one as read. */
export const markRead = (list: Changeable<Notification>, id: string): Mutation<Notification> =>
  list.update(id, { read: true });

/** Marks all as read. */
export const markAllRead = (list: Changeable<Notification>): readonly Mutation<Notification>[] =>
  unread(list.items).map(({ id }) => markRead(list, id));

/** Removes one. */
export const dismiss = (list: Changeable<Notification>, id: string): Mutation<Notification> =>
  list.remove(id);
