/** The rows of the call marketplace. */

/** A call. Which fields there are is up to the table. */
export interface Call {
  id: string;
  campaign_id?: string | null;
  supplier_id?: string | null;
  caller_number?: string;
  buyer_name?: string | null;
  campaign_name?: string | null;
  /** `initiated`, `ringing`, `connected` (or `active`), `completed`, `failed` and others. */
  status: string;
  /** Its length, in seconds. */
  duration?: number | null;
  duration_seconds?: number | null;
  payout?: number | null;
  revenue?: number | null;
  quality_score?: number | null;
  created_at?: string;
}

/** A campaign. Which fields there are is up to the table. */
export interface Campaign {
  id: string;
  name?: string;
  supplier_id?: string | null;
  status?: string;
}

/** The statuses of a call on which two people talk. */
export const ACTIVE_STATUSES: readonly string[] = ['active', 'connected'];

/** Whether two people talk on it. */
export const isActive = ({ status }: Call): boolean => ACTIVE_STATUSES.includes(status);
