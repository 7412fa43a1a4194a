/** Calls of campaigns, and their statistics. */
import type { Mutation } from '../index.js';
import { defineService } from './define.js';
import { type Id, rows } from './definition.js';
import { type Changeable, newestFirst, oldestFirst, type StoredRow } from './stored-row.js';

/** A call's status. */
export type CallStatus =
  | 'initiated'
  | 'ringing'
  | 'connected'
  | 'completed'
  | 'failed'
  | 'rejected'
  | 'busy'
  | 'no_answer';

/** A call. Times are ISO 8601. */
export interface Call extends StoredRow {
  /** The provider's id of the call. */
  external_id: string;
  provider: string;
  campaign_id: string;
  tracking_number: string;
  caller_number: string;
  destination_number?: string | null;
  buyer_name?: string | null;
  status: CallStatus;
  started_at: string;
  answered_at?: string | null;
  ended_at?: string | null;
  duration_seconds: number;
  /** The revenue of the call, in the campaign's currency. */
  payout?: number | null;
  /** 0 to 100. */
  quality_score?: number | null;
  caller_location?: { readonly [member: string]: unknown } | string | null;
  metadata?: { readonly [member: string]: unknown } | null;
}

/** A campaign with the statistics of its calls, which the server maintains. */
export interface Campaign extends StoredRow {
  name: string;
  supplier_id: string;
  status: 'active' | 'paused';
  calls_total: number;
  calls_active: number;
  calls_completed: number;
  /** The payouts of all calls. */
  revenue: number;
  /** 0 to 1. */
  conversion_rate: number;
  average_duration_seconds: number;
  /** 0 to 100. */
  quality_score: number;
}

/** The service of calls and campaigns. */
export const calls = defineService({
  rows: {
    /** The newest 500 calls of a campaign, newest first. */
    calls: rows<Call>()({
      channel: (campaign: Id) => `calls:${campaign}`,
      path: (campaign: Id) => `/campaigns/${campaign}/calls`,
      table: 'calls',
      filter: (campaign: Id) => ({ campaign_id: campaign }),
      order: 'created_at',
      sort: newestFirst,
      limit: 500,
    }),
    /** All campaigns, oldest first. */
    campaigns: rows<Campaign>()({
      channel: 'campaigns',
      path: '/campaigns',
      table: 'campaigns',
      order: 'created_at',
      sort: oldestFirst,
    }),
  },
});

const RUNNING: readonly CallStatus[] = ['initiated', 'ringing', 'connected'];

/** Whether a call has not ended. */
export const isRunning = ({ status }: Call): boolean => RUNNING.includes(status);

/** Returns the calls that have not ended. */
export const runningCalls = (calls: readonly Call[]): readonly Call[] => calls.filter(isRunning);

/** Returns the calls that have ended. */
export const endedCalls = (calls: readonly Call[]): readonly Call[] =>
  calls.filter((call) => !isRunning(call));

/** Pauses or resumes a campaign. */
export const setCampaignStatus = (
  campaigns: Changeable<Campaign>,
  id: string,
  status: Campaign['status'],
): Mutation<Campaign> => campaigns.update(id, { status });
