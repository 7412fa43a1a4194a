/** Subscriptions to the tables of the call marketplace. */
import { useEffect, useRef, useState } from 'react';
import { after, type Cancel } from './deadlines.js';
import type { Call, Campaign } from './entities.js';
import { rowFilter } from './row-filter.js';
import {
  type RealtimeSubscription,
  type RealtimeSubscriptionOptions,
  useRealtimeSubscription,
} from './use-realtime-subscription.js';

export type EntitySubscriptionOptions<Row extends object> = Omit<
  RealtimeSubscriptionOptions<Row>,
  'table' | 'filter'
>;

/**
 * Subscribes to the changes of one campaign, or without an id of all campaigns.
 *
 * @deprecated Use `useCollection('campaigns', …)` of `tidewire/react`.
 */
export function useCampaignSubscription(
  campaignId?: string,
  options: EntitySubscriptionOptions<Campaign> = {},
): RealtimeSubscription<Campaign> {
  const filter = rowFilter(['id', campaignId]);
  return useRealtimeSubscription<Campaign>({ ...options, table: 'campaigns', filter });
}

/** Which calls; both conditions must be met. */
export interface CallFilter {
  /** The campaign. Default: all. */
  campaignId?: string | undefined;
  /** The statuses. Default: all. */
  status?: readonly string[] | undefined;
}

/**
 * Subscribes to the changes of calls.
 *
 * @deprecated Use `useCollection('calls:CAMPAIGN', …)` of `tidewire/react`.
 */
export function useCallSubscription(
  { campaignId, status }: CallFilter = {},
  options: EntitySubscriptionOptions<Call> = {},
): RealtimeSubscription<Call> {
  const filter = rowFilter(['campaign_id', campaignId], ['status', status]);
  return useRealtimeSubscription<Call>({ ...options, table: 'calls', filter });
}

/** A subscription to statistics, and their last values. */
export interface StatsSubscription<Row extends object> extends RealtimeSubscription<Row> {
  /** The row of the last change; `null` before the first one. */
  readonly stats: Row | null;
}

/** Further options of {@link useStatsSubscription}. */
export interface StatsSubscriptionOptions {
  /** The column with the entity's id. Default `'id'`. */
  column?: string;
}

/**
 * Subscribes to the statistics of one entity.
 *
 * @param aggregationWindow the time in milliseconds, from the first change, after which the last change is
 * returned. Default: every change is returned.
 *
 * @deprecated Use `useCollection` of `tidewire/react`.
 */
// biome-ignore lint/suspicious/noExplicitAny: existing code reads fields of its own tables.
export function useStatsSubscription<Row extends object = Record<string, any>>(
  table: string,
  entityId: string,
  aggregationWindow = 0,
  { column = 'id' }: StatsSubscriptionOptions = {},
): StatsSubscription<Row> {
  const [stats, show] = useState<Row | null>(null);
  const last = useRef<Row | null>(null);
  const pending = useRef<Cancel>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another entity starts without a row
  useEffect(
    () => () => {
      pending.current?.();
      pending.current = undefined;
      show(null);
    },
    [table, entityId, column],
  );
  const subscription = useRealtimeSubscription<Row>({
    table,
    filter: rowFilter([column, entityId]),
    enabled: entityId !== '',
    onChange({ eventType, new: row }) {
      last.current = eventType === 'DELETE' ? null : row;
      if (!aggregationWindow) show(last.current);
      else {
        pending.current ??= after(aggregationWindow, () => {
          pending.current = undefined;
          show(last.current);
        });
      }
    },
  });
  return { ...subscription, stats };
}
