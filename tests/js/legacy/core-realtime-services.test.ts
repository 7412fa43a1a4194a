/** The older services with a mocked manager, as their documentation tests them. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  BillTrackingService,
  CommunityService,
  NotificationService,
} from '../../../pkg-template/src/legacy/core-realtime/index.js';
import { UnifiedWebSocketManager } from '../../../pkg-template/src/legacy/core-realtime/websocket/manager/index.js';
import { createMockWebSocketManager } from './civic-stage.js';

let mockWsManager: ReturnType<typeof createMockWebSocketManager>;

beforeEach(() => {
  mockWsManager = createMockWebSocketManager();
  vi.useRealTimers();
});

describe('BillTrackingService', () => {
  let service: BillTrackingService;

  beforeEach(() => {
    service = new BillTrackingService(mockWsManager);
  });

  it('should subscribe to bill updates', () => {
    service.subscribeToBill(123);
    expect(mockWsManager.subscribe).toHaveBeenCalledWith('bill:123', expect.any(Function));
  });

  it('accepts a whole manager too', () => {
    const whole = new BillTrackingService(new UnifiedWebSocketManager());
    expect(whole.subscribeToBill(1)).toMatch(/^sub_\d+_[a-z0-9]{9}$/);
  });

  it('subscribes to a bill once, and unsubscribes once', () => {
    expect(service.subscribeToBill(123)).toBe('sub_bill:123');
    expect(service.subscribeToBill(123)).toBe('bill_123');
    expect(mockWsManager.subscribe).toHaveBeenCalledOnce();
    expect(service.getSubscribedBills()).toEqual([123]);
    service.unsubscribeFromBill(123);
    service.unsubscribeFromBill(123);
    expect(mockWsManager.unsubscribe.mock.calls).toEqual([['sub_bill:123']]);
    expect(service.getSubscriptionCount()).toBe(0);
  });

  it('should handle bill updates', () => {
    service.handleMessage({
      type: 'bill_update',
      bill_id: 123,
      update: { type: 'status_change', data: { newStatus: 'passed' } },
    });
    const updates = service.getBillUpdates(123);
    expect(updates).toHaveLength(1);
    expect(updates[0]?.data.newStatus).toBe('passed');
  });

  it.each([
    ['flat', { bill_id: 1, update: { type: 'status_change', data: { new_status: 'x' } } }],
    ['in camelCase', { billId: '1', update: { type: 'status_change', data: { newStatus: 'x' } } }],
    ['nested', { data: { billId: 1, update: { data: { newStatus: 'x' } } } }],
  ])('an update may be %s', (_, fields) => {
    service.handleMessage({ type: 'bill_update', ...fields });
    expect(service.getBillUpdates(1)).toMatchObject([
      { type: 'status_change', data: { billId: 1, newStatus: 'x' } },
    ]);
    expect(service.getBillUpdates(1)[0]?.timestamp).toMatch(/^\d{4}-.*Z$/);
  });

  it('messages of a subscription are handled whatever their type: engagement, batches', () => {
    service.subscribeToBill(1);
    const [, callback] = mockWsManager.subscribe.mock.calls[0] ?? [];
    callback?.({ type: 'engagement_metrics', bill_id: 1, metrics: { view_count: 3 } });
    callback?.({
      type: 'batched_updates',
      updates: [
        { bill_id: 1, type: 'amendment', data: { title: 'A' }, timestamp: '2026-01-01' },
        { bill_id: 2, data: { votingDate: '2026-02-01' } },
      ],
    });
    expect(service.getEngagementMetrics(1)).toMatchObject({ bill_id: 1, viewCount: 3 });
    expect(service.getBillUpdates(1)).toMatchObject([
      { type: 'amendment', timestamp: '2026-01-01' },
    ]);
    expect(service.getBillUpdates(2)).toMatchObject([{ type: 'voting_scheduled' }]);
    expect(service.getStats()).toEqual({
      subscribedBills: 1,
      totalUpdates: 2,
      queuedUpdates: 0,
      engagementMetrics: 1,
    });
  });

  it('counts of zero are kept', () => {
    service.handleMessage({
      type: 'engagement_metrics',
      bill_id: 1,
      metrics: { view_count: 0, share_count: 0 },
    });
    expect(service.getEngagementMetrics(1)).toMatchObject({ viewCount: 0, shareCount: 0 });
    expect(service.getAllEngagementMetrics().get(1)?.commentCount).toBeUndefined();
    expect(service.getEngagementMetrics(2)).toBeNull();
  });

  it('keeps the last 50 updates of a bill, oldest first', async () => {
    for (let n = 0; n < 60; n++) {
      service.handleMessage({ type: 'bill_update', bill_id: 1, update: { data: { n } } });
    }
    const numbers = service.getBillUpdates(1).map(({ data }) => data.n);
    expect(numbers).toEqual(Array.from({ length: 50 }, (_, at) => at + 10));
    await service.shutdown();
    expect(service.getBillUpdates(1)).toEqual([]);
  });
});

describe('CommunityService', () => {
  let service: CommunityService;

  beforeEach(() => {
    service = new CommunityService(mockWsManager);
  });

  it('sends the older format: data with its subject and the time', () => {
    service.sendTypingIndicator(1, 'c1');
    service.stopTypingIndicator(1, 'c1');
    service.sendCommentUpdate(1, { text: 'hi' });
    service.sendVoteUpdate(1, { voteType: 'support' });
    const timestamp = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(mockWsManager.send.mock.calls.flat()).toEqual([
      { type: 'typing_start', data: { billId: 1, parentId: 'c1', timestamp } },
      { type: 'typing_stop', data: { billId: 1, parentId: 'c1', timestamp } },
      { type: 'comment_update', data: { billId: 1, text: 'hi', timestamp } },
      { type: 'vote_update', data: { billId: 1, voteType: 'support', timestamp } },
    ]);
  });

  it('its own messages are handled when they are relayed unchanged', () => {
    service.sendCommentUpdate(7, { commentId: 'c', text: 'hi' });
    service.sendVoteUpdate(7, { voteType: 'oppose' });
    for (const [message] of mockWsManager.send.mock.calls) service.handleMessage(message);
    expect(service.getRecentComments()).toMatchObject([{ commentId: 'c', billId: 7 }]);
    expect(service.getRecentVotes()).toMatchObject([{ billId: 7, voteType: 'oppose' }]);
  });

  it('stores the messages of a discussion, newest first, with the fallbacks', () => {
    expect(service.subscribeToDiscussion(1)).toBe('sub_discussion:1');
    const [, callback] = mockWsManager.subscribe.mock.calls[0] ?? [];
    callback?.({ type: 'comment_update', comment_id: 'a', bill_id: 1, data: { text: 'first' } });
    callback?.({ type: 'comment_update', billId: 1, parentId: 'a', action: 'deleted', data: {} });
    callback?.({ type: 'vote_update', bill_id: 1, user_id: 'bob', vote_type: 'nonsense' });
    expect(service.getRecentComments()).toEqual([
      expect.objectContaining({
        commentId: expect.stringMatching(/^comment_\d+$/),
        parentId: 'a',
        action: 'deleted',
      }),
      expect.objectContaining({ commentId: 'a', action: 'created', data: { text: 'first' } }),
    ]);
    expect(service.getRecentComments(1)).toHaveLength(1);
    expect(service.getRecentVotes()).toMatchObject([{ userId: 'bob', voteType: 'neutral' }]);
    service.unsubscribeFromDiscussion('bill_1');
    expect(mockWsManager.unsubscribe).toHaveBeenCalledWith('sub_discussion:1');
    expect(service.getSubscribedDiscussions()).toEqual([]);
  });

  it('keeps 100 comments', () => {
    for (let n = 0; n < 110; n++) {
      service.handleMessage({ type: 'comment_update', bill_id: 1, comment_id: `${n}`, data: {} });
    }
    expect(service.getRecentComments(1_000)).toHaveLength(100);
    expect(service.getRecentComments(1)[0]?.commentId).toBe('109');
  });

  it('typing that a server reports and never ends expires after six seconds', () => {
    vi.useFakeTimers();
    service.handleMessage({ type: 'typing_indicator', user_id: 'bob', bill_id: 1 });
    service.handleMessage({
      type: 'typing_indicator',
      user_id: 'cid',
      bill_id: 1,
      parent_id: 'a',
      is_typing: true,
    });
    expect(service.getTypingIndicators(1)).toMatchObject([{ userId: 'bob', isTyping: true }]);
    expect([...service.getAllTypingIndicators().keys()]).toEqual(['1_root', '1_a']);
    expect(service.getStats().activeTypingIndicators).toBe(2);
    service.handleMessage({
      type: 'typing_indicator',
      userId: 'cid',
      billId: 1,
      parentId: 'a',
      isTyping: false,
    });
    expect(service.getTypingIndicators(1, 'a')).toEqual([]);
    vi.advanceTimersByTime(6_001);
    expect(service.getTypingIndicators(1)).toEqual([]);
    expect(service.getStats().activeTypingIndicators).toBe(0);
  });

  it('unsubscribing removes the typing of its discussion, and no other', () => {
    for (const bill of [1, 2]) {
      service.subscribeToDiscussion(bill);
      service.handleMessage({ type: 'typing_indicator', user_id: 'bob', bill_id: bill });
    }
    service.unsubscribeFromDiscussion('bill_1');
    expect(service.getTypingIndicators(1)).toEqual([]);
    expect(service.getTypingIndicators(2)).toHaveLength(1);
  });

  it('subscribes to experts and the moderation, each once', async () => {
    service.subscribeToExpertUpdates();
    service.subscribeToExpertUpdates();
    service.subscribeToModerationEvents();
    expect(mockWsManager.subscribe.mock.calls.map(([topic]) => topic)).toEqual([
      'expert:updates',
      'moderation:events',
    ]);
    expect(service.getStats().subscribedExperts).toBe(1);
    await service.shutdown();
    expect(mockWsManager.unsubscribe).toHaveBeenCalledTimes(2);
    expect(service.getSubscriptionCount()).toBe(0);
  });
});

describe('NotificationService', () => {
  let service: NotificationService;

  beforeEach(() => {
    service = new NotificationService(mockWsManager);
  });

  const notify = (fields: object) => service.handleMessage({ type: 'notification', ...fields });

  it('subscribes to the user’s notifications', async () => {
    await service.initialize();
    service.subscribeToNotifications();
    expect(mockWsManager.subscribe.mock.calls).toEqual([
      ['user_notifications', expect.any(Function)],
    ]);
    service.unsubscribeFromNotifications();
    expect(mockWsManager.unsubscribe).toHaveBeenCalledWith('sub_user_notifications');
    expect(service.getStats().isSubscribed).toBe(false);
  });

  it('a notification has a type of its own, wherever it is in the message', () => {
    notify({
      notification: { id: 'a', type: 'error', title: 'T', message: 'M', priority: 'high' },
    });
    notify({ id: 'b', notification_type: 'success', message: 'flat' });
    notify({ data: { id: 'c', type: 'warning', message: 'in data' } });
    notify({});
    expect(service.getAllNotifications().map(({ id, type }) => [id, type])).toEqual([
      [expect.stringMatching(/^notification_\d+$/), 'info'],
      ['c', 'warning'],
      ['b', 'success'],
      ['a', 'error'],
    ]);
    expect(service.getNotification('a')).toMatchObject({
      title: 'T',
      priority: 'high',
      read: false,
    });
    expect(service.getAllNotifications()[0]).toMatchObject({
      title: 'Notification',
      priority: 'normal',
    });
    expect(service.getNotificationsByType('error')).toHaveLength(1);
    expect(service.getNotificationsByPriority('normal')).toHaveLength(3);
  });

  it('messages about read and cleared notifications add none', () => {
    for (const id of ['a', 'b', 'c']) notify({ notification: { id } });
    service.subscribeToNotifications();
    const [, callback] = mockWsManager.subscribe.mock.calls[0] ?? [];
    callback?.({ type: 'notification_read', notification_id: 'a' });
    callback?.({ type: 'notification_clear', notificationId: 'b' });
    expect(service.getAllNotifications().map(({ id, read }) => [id, read])).toEqual([
      ['c', false],
      ['a', true],
    ]);
    expect(service.getUnreadCount()).toBe(1);
    callback?.({ type: 'notification_clear', clear_all: true });
    expect(service.getAllNotifications()).toEqual([]);
  });

  it('marks, removes and clears, and returns how many', () => {
    for (const id of ['a', 'b', 'c']) notify({ notification: { id } });
    expect(service.markAsRead('a')).toBe(true);
    expect(service.markAsRead('z')).toBe(false);
    expect(service.markAllAsRead()).toBe(2);
    expect(service.getUnreadNotifications()).toEqual([]);
    expect(service.removeNotification('b')).toBe(true);
    expect(service.removeNotification('b')).toBe(false);
    expect(service.clearReadNotifications()).toBe(2);
    notify({ notification: { id: 'd' } });
    service.clearAllNotifications();
    expect(service.getStats()).toMatchObject({ totalNotifications: 0, unreadNotifications: 0 });
  });

  it('keeps 100, newest first', () => {
    for (let n = 0; n < 110; n++) notify({ notification: { id: `${n}` } });
    expect(service.getAllNotifications()).toHaveLength(100);
    expect(service.getRecentNotifications().map(({ id }) => id)[0]).toBe('109');
    expect(service.getRecentNotifications()).toHaveLength(10);
    expect(service.getStats().notificationsByType).toMatchObject({ info: 100, error: 0 });
  });

  it('sends to the user’s other pages', () => {
    service.sendMarkAsReadUpdate('a');
    service.sendClearNotificationUpdate('b');
    service.sendClearAllNotificationsUpdate();
    expect(mockWsManager.send.mock.calls.flat()).toMatchObject([
      { type: 'mark_notification_read', data: { notification_id: 'a' } },
      { type: 'clear_notification', data: { notification_id: 'b' } },
      { type: 'clear_all_notifications', data: { timestamp: expect.any(String) } },
    ]);
  });
});
