/** The service of bills. */
import {
  billIdOf,
  camelised,
  countOf,
  type Fields,
  fieldsOf,
  isFields,
  oneOf,
  timestampOf,
  updatesOf,
} from './fields.js';
import { ObservedService } from './observed.js';
import { billTopic } from './topics.js';
import type {
  BillId,
  BillTrackingStats,
  BillUpdate,
  BillUpdateType,
  EngagementMetrics,
  WebSocketMessage,
} from './types.js';

const LIMIT = 50;

const COUNTS = ['viewCount', 'saveCount', 'commentCount', 'shareCount'] as const;

const TYPES: readonly BillUpdateType[] = [
  'status_change',
  'engagement',
  'amendment',
  'voting_scheduled',
  'update',
];

function typeOf(data: Fields): BillUpdateType {
  if ('newStatus' in data) return 'status_change';
  if ('amendmentId' in data) return 'amendment';
  if ('votingDate' in data) return 'voting_scheduled';
  return COUNTS.some((count) => count in data) ? 'engagement' : 'update';
}

/** Returns the key of a bill: `1` and `'1'` are the same. */
const keyOf = (bill: BillId): BillId => billIdOf(bill) ?? bill;

const NO_UPDATES: readonly BillUpdate[] = Object.freeze([]);

/**
 * The updates and the metrics of the subscribed bills.
 *
 * @deprecated Use the service `bills` of `tidewire/services`, or `client.channel('bill:1')` of `tidewire`.
 */
export class BillTrackingService extends ObservedService {
  #updates = new Map<BillId, readonly BillUpdate[]>();
  #metrics = new Map<BillId, EngagementMetrics>();

  async shutdown(): Promise<void> {
    for (const bill of this.keys) this.leave(bill);
    this.#updates = new Map();
    this.#metrics = new Map();
    this.changed();
  }

  /** Subscribes to a bill; returns the subscription's id, or `bill_{id}` if there is one already. */
  subscribeToBill(billId: BillId): string {
    const key = keyOf(billId);
    const fallback = `bill_${billId}`;
    return this.keys.includes(key) ? fallback : this.enter(key, billTopic(billId), fallback);
  }

  /** Unsubscribes. The received updates are kept. */
  unsubscribeFromBill(billId: BillId): void {
    this.leave(keyOf(billId));
  }

  getSubscribedBills(): BillId[] {
    return this.keys;
  }

  /** The last 50 updates of a bill, oldest first; the same array until there is another. */
  getBillUpdates(billId: BillId): readonly BillUpdate[] {
    return this.#updates.get(keyOf(billId)) ?? NO_UPDATES;
  }

  /** The updates of every bill that has any; the same map until there is a new one. */
  getAllBillUpdates(): ReadonlyMap<BillId, readonly BillUpdate[]> {
    return this.#updates;
  }

  getEngagementMetrics(billId: BillId): EngagementMetrics | null {
    return this.#metrics.get(keyOf(billId)) ?? null;
  }

  /** The metrics of every bill; the same map until they change. */
  getAllEngagementMetrics(): Map<BillId, EngagementMetrics> {
    return this.#metrics;
  }

  getStats(): BillTrackingStats {
    return {
      subscribedBills: this.getSubscriptionCount(),
      totalUpdates: [...this.#updates.values()].reduce((sum, { length }) => sum + length, 0),
      queuedUpdates: 0,
      engagementMetrics: this.#metrics.size,
    };
  }

  handleMessage(message: WebSocketMessage): void {
    const fields = fieldsOf(message);
    const bill = billIdOf(fields.billId);
    switch (message.type) {
      case 'bill_update':
        if (bill !== undefined) this.#update(bill, fields.update ?? message.data, fields.timestamp);
        break;
      case 'engagement_metrics':
        if (bill !== undefined) this.#measure(bill, fields.metrics ?? fields, fields.timestamp);
        break;
      case 'batched_updates':
        for (const [id, update] of updatesOf(fields)) this.#update(id, update, update.timestamp);
        break;
    }
  }

  #update(billId: BillId, given: unknown, at: unknown): void {
    const update = isFields(given) ? given : {};
    const data = camelised(isFields(update.data) ? update.data : update);
    const type = oneOf(update.type, TYPES) ?? typeOf(data);
    const timestamp = timestampOf(at ?? data.timestamp);
    const made: BillUpdate = { type, data: { ...data, billId }, timestamp };
    const known = this.#updates.get(billId) ?? [];
    this.#updates = new Map(this.#updates).set(billId, [...known, made].slice(-LIMIT));
    if (type === 'engagement') this.#measure(billId, data, timestamp);
    this.changed('billUpdate', made);
  }

  #measure(billId: BillId, given: unknown, at: unknown): void {
    const fields = camelised(isFields(given) ? given : {});
    const metrics: EngagementMetrics = {
      ...this.#metrics.get(billId),
      bill_id: billId,
      timestamp: timestampOf(at ?? fields.timestamp),
    };
    for (const count of COUNTS) {
      const value = countOf(fields[count]);
      if (value !== undefined) metrics[count] = value;
    }
    this.#metrics = new Map(this.#metrics).set(billId, metrics);
    this.changed('engagementUpdate', metrics);
  }
}
