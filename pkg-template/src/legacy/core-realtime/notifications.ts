/** The service of notifications. */
import { type Fields, fieldsOf, isFields, oneOf, textOf, timestampOf } from './fields.js';
import { ObservedService } from './observed.js';
import { USER_NOTIFICATIONS } from './topics.js';
import type {
  NotificationPriority,
  NotificationStats,
  NotificationType,
  RealTimeNotification,
  WebSocketMessage,
} from './types.js';

const LIMIT = 100;

const TYPES = ['info', 'warning', 'error', 'success'] as const;
const PRIORITIES = ['low', 'normal', 'high'] as const;

const tally = <K extends string>(
  all: readonly RealTimeNotification[],
  field: 'type' | 'priority',
  names: readonly K[],
): Record<K, number> =>
  Object.fromEntries(
    names.map((name) => [name, all.filter((each) => each[field] === name).length]),
  ) as Record<K, number>;

/** Returns the notification of a message: nested under `notification`, in `data`, or the message itself. */
function bodyOf(message: WebSocketMessage): { body: Fields; type: unknown } {
  const nested = [message.notification, isFields(message.data) && message.data.notification];
  const body = nested.find(isFields);
  if (body) return { body, type: body.type };
  const fields = fieldsOf(message);
  // The message's own `type` is only that of a notification message.
  const inner = isFields(message.data) ? message.data.type : undefined;
  return { body: fields, type: fields.notificationType ?? inner };
}

/**
 * The notifications of this user, newest first, at most 100.
 *
 * @deprecated Use the service `notifications` of `tidewire/services`.
 */
export class NotificationService extends ObservedService {
  #all: readonly RealTimeNotification[] = [];

  override async initialize(): Promise<void> {
    this.subscribeToNotifications();
  }

  async shutdown(): Promise<void> {
    this.unsubscribeFromNotifications();
    this.#keep(() => false);
  }

  subscribeToNotifications(): string {
    return this.enter(USER_NOTIFICATIONS, USER_NOTIFICATIONS);
  }

  /** Unsubscribes. The notifications are kept. */
  unsubscribeFromNotifications(): void {
    this.leave(USER_NOTIFICATIONS);
  }

  /** Marks a notification as read; returns whether it exists. */
  markAsRead(id: string): boolean {
    if (!this.getNotification(id)) return false;
    this.#read(({ id: each }) => each === id);
    return true;
  }

  /** Marks all notifications as read; returns how many were unread. */
  markAllAsRead(): number {
    return this.#read(() => true);
  }

  /** Removes a notification; returns whether it existed. */
  removeNotification(id: string): boolean {
    return this.#keep((each) => each.id !== id) > 0;
  }

  clearAllNotifications(): void {
    this.#keep(() => false);
  }

  /** Removes the read notifications; returns their number. */
  clearReadNotifications(): number {
    return this.#keep(({ read }) => !read);
  }

  /** Returns all notifications, newest first. */
  getAllNotifications(): RealTimeNotification[] {
    return [...this.#all];
  }

  getUnreadNotifications(): RealTimeNotification[] {
    return this.#all.filter(({ read }) => !read);
  }

  getNotificationsByType(type: NotificationType): RealTimeNotification[] {
    return this.#all.filter((each) => each.type === type);
  }

  getNotificationsByPriority(priority: NotificationPriority): RealTimeNotification[] {
    return this.#all.filter((each) => each.priority === priority);
  }

  getNotification(id: string): RealTimeNotification | undefined {
    return this.#all.find((each) => each.id === id);
  }

  getUnreadCount(): number {
    return this.getUnreadNotifications().length;
  }

  getRecentNotifications(limit = 10): RealTimeNotification[] {
    return this.#all.slice(0, limit);
  }

  /** Sends to the server, and to this user's other pages, that a notification was read. */
  sendMarkAsReadUpdate(id: string): void {
    this.send('mark_notification_read', { notification_id: id });
  }

  sendClearNotificationUpdate(id: string): void {
    this.send('clear_notification', { notification_id: id });
  }

  sendClearAllNotificationsUpdate(): void {
    this.send('clear_all_notifications', {});
  }

  getStats(): NotificationStats {
    const all = this.#all;
    return {
      totalNotifications: all.length,
      unreadNotifications: this.getUnreadCount(),
      notificationsByType: tally(all, 'type', TYPES),
      notificationsByPriority: tally(all, 'priority', PRIORITIES),
      isSubscribed: this.getSubscriptionCount() > 0,
    };
  }

  handleMessage(message: WebSocketMessage): void {
    const fields = fieldsOf(message);
    const id = textOf(fields.notificationId);
    switch (message.type) {
      case 'notification':
        this.#add(message);
        break;
      case 'notification_read':
      case 'mark_notification_read':
        if (id !== undefined) this.markAsRead(id);
        break;
      case 'notification_clear':
      case 'clear_notification':
        if (fields.clearAll === true) this.clearAllNotifications();
        else if (id !== undefined) this.removeNotification(id);
        break;
      case 'clear_all_notifications':
        this.clearAllNotifications();
        break;
    }
  }

  #add(message: WebSocketMessage): void {
    const { body, type } = bodyOf(message);
    const fields = fieldsOf(body);
    const id = textOf(fields.id) ?? textOf(fields.notificationId) ?? this.#newId();
    const notification: RealTimeNotification = {
      id,
      type: oneOf(type, TYPES) ?? 'info',
      title: textOf(fields.title) ?? 'Notification',
      message: textOf(fields.message) ?? '',
      priority: oneOf(fields.priority, PRIORITIES) ?? 'normal',
      ...(isFields(body.data) && { data: body.data }),
      timestamp: timestampOf(fields.timestamp),
      read: fields.read === true,
    };
    // A notification with the same id is replaced.
    const others = this.#all.filter((each) => each.id !== id);
    this.#all = [notification, ...others].slice(0, LIMIT);
    this.changed('notification', notification);
  }

  #newId(): string {
    let at = Date.now();
    while (this.getNotification(`notification_${at}`)) at += 1;
    return `notification_${at}`;
  }

  /** Marks matching notifications as read; returns how many were unread. */
  #read(matches: (notification: RealTimeNotification) => boolean): number {
    const unread = new Set(this.#all.filter((each) => !each.read && matches(each)));
    this.#all = this.#all.map((each) => (unread.has(each) ? { ...each, read: true } : each));
    if (unread.size) this.changed();
    return unread.size;
  }

  /** Keeps matching notifications; returns how many were removed. */
  #keep(matches: (notification: RealTimeNotification) => boolean): number {
    const before = this.#all.length;
    this.#all = this.#all.filter(matches);
    const gone = before - this.#all.length;
    if (gone) this.changed();
    return gone;
  }
}
