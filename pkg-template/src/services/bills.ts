/** Bills of a parliament: their status, events and engagement. */
import { defineService } from './define.js';
import { channel, type Id, rows } from './definition.js';
import { oldestFirst, type StoredRow } from './stored-row.js';

/** The chamber in which a bill was introduced. */
export type Chamber = 'house' | 'senate';

/** A bill's status. */
export type BillStatus = 'introduced' | 'committee' | 'floor' | 'passed' | 'rejected' | 'signed';

/** A bill. */
export interface Bill extends StoredRow {
  /** Its official number. */
  number: string;
  title: string;
  summary?: string | null;
  sponsor: string;
  chamber: Chamber;
  status: BillStatus;
  /** The day, in ISO 8601. */
  introduced_on: string;
}

/** The engagement with a bill. */
export interface EngagementCounts {
  view_count: number;
  save_count: number;
  comment_count: number;
  share_count: number;
}

/** The counts of a bill; `id` is the bill's. */
export interface BillEngagement extends StoredRow, EngagementCounts {}

/** The events of a bill. Times are ISO 8601. */
export type BillEvents = {
  /** Its status changed. */
  status_change: {
    bill_id: string;
    old_status: BillStatus;
    new_status: BillStatus;
    reason?: string;
    timestamp: string;
  };
  /** Its text changed. */
  amendment: {
    bill_id: string;
    amendment_id: string;
    type: 'added' | 'modified' | 'removed';
    title: string;
    summary: string;
    timestamp: string;
  };
  /** A vote was scheduled. */
  voting_scheduled: {
    bill_id: string;
    voting_date: string;
    voting_type: 'committee' | 'floor' | 'final';
    chamber: Chamber | 'both';
    timestamp: string;
  };
  /** Its engagement changed. */
  engagement: EngagementCounts & { bill_id: string; timestamp: string };
};

/** The service of bills, their events and their engagement. */
export const bills = defineService({
  rows: {
    /** All bills, oldest first. */
    bills: rows<Bill>()({
      channel: 'bills',
      path: '/bills',
      table: 'bills',
      order: 'created_at',
      sort: oldestFirst,
    }),
    /** The counts of all bills. */
    engagement: rows<BillEngagement>()({
      channel: 'bill-engagement',
      path: '/engagement',
      table: 'bill_engagement',
    }),
  },
  channels: {
    /** The events of one bill. */
    bill: channel<BillEvents>()((bill: Id) => `bill:${bill}`),
  },
});

/** Returns the increase of the counts. */
export const engagementDelta = (
  before: EngagementCounts,
  after: EngagementCounts,
): EngagementCounts => ({
  view_count: after.view_count - before.view_count,
  save_count: after.save_count - before.save_count,
  comment_count: after.comment_count - before.comment_count,
  share_count: after.share_count - before.share_count,
});
