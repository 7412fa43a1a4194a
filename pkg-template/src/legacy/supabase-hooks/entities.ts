/** The rows of the call marketplace. */

/** A call. The table determines which fields exist. */
export interface Call {
  id: string;
  campaign_id?: string | null;
  supplier_id?: string | null;
  caller_number?: string;
  buyer_name?: string | null;
  campaign_name?: string | null;
  /** `initiated`, `ringing`, `connected` (or `active`), `completed`, `failed` and others. */
  status: string;
  /** Its duration, in seconds. */
  duration?: number | null;
  duration_seconds?: number | null;
  payout?: number | null;
  revenue?: number | null;
  quality_score?: number | null;
  created_at?: string;
}

/** A campaign. The table determines which fields exist. */
export interface Campaign {
  id: string;
  name?: string;
  supplier_id?: string | null;
  status?: string;
}

/** The statuses of an active call: one that was answered and has not ended. */
export const ACTIVE_STATUSES: readonly string[] = ['active', 'connected'];

/** Whether a call is active. */
export const isActive = ({ status }: Call): boolean => ACTIVE_STATUSES.includes(status);
