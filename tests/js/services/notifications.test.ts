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
import { takeDown } from './service-page.js';

let age = 0;
const reported = (id: string, more: Partial<Notification> = {}): Notification => ({
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
  reported('newest'),
  reported('seen', { read: true, priority: 'high' }),
  reported('low', { priority: 'low' }),
  reported('high', { priority: 'high' }),
  reported('older'),
  reported('older and high', { priority: 'high' }),
];

it('unread notifications are found and counted', () => {
  expect(unreadCount(items)).toBe(5);
  expect(unread(items).map(({ id }) => id)).not.toContain('seen');
});

it('sorts unread first, then by priority, then newest first', () => {
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

it('one is marked, all that were not read are, one is removed', () => {
  const { list, requested } = takeDown(items);
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
