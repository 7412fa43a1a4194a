/** Recent activity of all kinds. */
import { billIdOf, fieldsOf, textOf, timestampOf } from './fields.js';
import type { RecentActivity, WebSocketMessage } from './types.js';

/** Types of messages that are not activity. */
const NO_ACTIVITY = /^(typing_|mark_notification_read|clear_|notification_(read|clear))/;

export class Activity {
  #items: readonly RecentActivity[] = [];
  #count = 0;

  /** The activities, newest first; the same array until there is a new one. */
  get items(): readonly RecentActivity[] {
    return this.#items;
  }

  /** Adds a message; returns whether it is activity. */
  add(message: WebSocketMessage): boolean {
    const { type = 'message' } = message;
    if (NO_ACTIVITY.test(type)) return false;
    const fields = fieldsOf(message);
    const bill = billIdOf(fields.billId);
    this.#count += 1;
    const activity: RecentActivity = {
      id: textOf(fields.id) ?? `activity_${this.#count}`,
      type,
      timestamp: timestampOf(fields.timestamp),
      ...(bill !== undefined && { bill_id: bill }),
    };
    this.#items = [activity, ...this.#items].slice(0, 20);
    return true;
  }
}
