import { expect, it } from 'vitest';
import {
  byPriority,
  dismiss,
  markAllRead,
  markRead,
  type Notification,
  unread,
  unreadCount,
} from '../../../pkg-template/src/services/index.js';
import { recordingList } from './service-page.js';

let age = 0;
const notification = (id: string, more: Partial<Notification> = {}): Notification => ({
  id,
  type: 'info',
  category: 'system',
  title: id,
  message: '',
  priority: 'normal',
  read: false,
  data: null,
  created_at: `2026-01-01T00:00:${59 - age++}Z`,
  ...more,
});

const items = [
  notification('newest'),
  notification('seen', { read: true, priority: 'high' }),
  notification('low', { priority: 'low' }),
  notification('high', { priority: 'high' }),
  notification('older'),
  notification('older and high', { priority: 'high' }),
];

it('unread notifications are found and counted', () => {
  expect(unreadCount(items)).toBe(5);
  expect(unread(items).map(({ id }) => id)).not.toContain('seen');
});

it('byPriority sorts unread first, then by priority, then newest first', () => {
  const before = [...items];
  expect(byPriority(items).map(({ id }) => id)).toEqual([
    'high',
    'older and high',
    'newest',
    'older',
    'low',
    'seen',
  ]);
  expect(items).toEqual(before);
});

it('markRead marks one, markAllRead the unread ones, dismiss removes one', () => {
  const { list, requested } = recordingList(items);
  markRead(list, 'low');
  expect(markAllRead(list)).toHaveLength(5);
  dismiss(list, 'seen');
  const read = (id: string) => ['update', id, { read: true }];
  expect(requested).toEqual([
    read('low'),
    ...['newest', 'low', 'high', 'older', 'older and high'].map(read),
    ['remove', 'seen'],
  ]);
});
