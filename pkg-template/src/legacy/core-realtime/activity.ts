/** What happened lately, of whatever kind. */
import { billIdOf, fieldsOf, textOf, timestampOf } from './fields.js';
import { Newest } from './newest.js';
import type { RecentActivity, WebSocketMessage } from './types.js';

/** What nobody would call activity. */
const UNTOLD = /^(typing_|mark_notification_read|clear_|notification_(read|clear))/;

/** The newest 20 things that happened. Nothing is made up: each is a message that came. */
export class Activity {
  readonly #newest = new Newest<RecentActivity>(20);
  #count = 0;

  /** Newest first; the same array until there is another. */
  get items(): readonly RecentActivity[] {
    return this.#newest.items;
  }

  /** Takes in a message; returns whether it was activity. */
  add(message: WebSocketMessage): boolean {
    const { type = 'message' } = message;
    if (UNTOLD.test(type)) return false;
    const fields = fieldsOf(message);
    const bill = billIdOf(fields.billId);
    this.#count += 1;
    this.#newest.add({
      id: textOf(fields.id) ?? `activity_${this.#count}`,
      type,
      timestamp: timestampOf(fields.timestamp),
      ...(bill !== undefined && { bill_id: bill }),
    });
    return true;
  }
}
