import { useEffect, useMemo, useState } from 'react';
import type {
  PostgresChange,
  PostgresDelete,
  PostgresFilter,
  PostgresInsert,
  PostgresUpdate,
} from '../../index.js';
import { useLatest } from '../../react/use-latest.js';
import { type SupabaseChannel, supabaseChannel } from '../../supabase/index.js';
import { legacyConfig } from '../index.js';
import type { ChangeEvent } from './use-realtime-channel.js';

/** What is told of the changes of a table. Each may be another function in every render. */
export interface SubscriptionCallbacks<Row extends object> {
  /** A row came. */
  onInsert?: ((payload: PostgresInsert<Row>) => void) | undefined;
  /** A row changed. */
  onUpdate?: ((payload: PostgresUpdate<Row>) => void) | undefined;
  /** A row went. */
  onDelete?: ((payload: PostgresDelete<Row>) => void) | undefined;
  /** Any of these, after the callback of its own. */
  onChange?: ((payload: PostgresChange<Row>) => void) | undefined;
}

/** Which changes, and what is told of them. */
export interface RealtimeSubscriptionOptions<Row extends object>
  extends SubscriptionCallbacks<Row> {
  /** The table, of the schema `public`. */
  table: string;
  /** Which rows: `column=operator.value`; several, separated by commas, must all hold. Default: all. */
  filter?: string | undefined;
  /** Which changes. Default `'*'`. */
  event?: ChangeEvent | undefined;
  /** Whether to subscribe. Default `true`. */
  enabled?: boolean | undefined;
}

/** A subscription to the changes of a table. */
export interface RealtimeSubscription<Row extends object> {
  /** Whether the server tells of every change from now on. */
  readonly isConnected: boolean;
  /** Whether it is about to. */
  readonly isConnecting: boolean;
  /** What went wrong last; `null` once it is connected. */
  readonly error: Error | null;
  /** The last change, shown once in the client's `batchMs` (100 ms). The callbacks are told of every one at once. */
  readonly lastEvent: PostgresChange<Row> | null;
  /** Subscribes, whatever `enabled` says, until it says something else. */
  readonly subscribe: () => void;
  /** Leaves, whatever `enabled` says, until it says something else. */
  readonly unsubscribe: () => void;
  /** The channel; `null` without a subscription, and in the first render. */
  readonly channel: SupabaseChannel | null;
}

/** Where a subscription stands. */
interface Standing {
  readonly status: 'closed' | 'connecting' | 'connected' | 'failed';
  readonly error: Error | null;
  readonly channel: SupabaseChannel | null;
}

const CLOSED: Standing = { status: 'closed', error: null, channel: null };

/** In the names of the channels: when the page first asked for one. All that want the same share it. */
let since: number | undefined;

function nameOf(table: string, filter: string | undefined): string {
  since ??= Date.now();
  return `rt:${table}:${filter || 'all'}:${since}`;
}

function tell<Row extends object>(
  { onInsert, onUpdate, onDelete, onChange }: SubscriptionCallbacks<Row>,
  change: PostgresChange<Row>,
): void {
  if (change.eventType === 'INSERT') onInsert?.(change);
  else if (change.eventType === 'UPDATE') onUpdate?.(change);
  else onDelete?.(change);
  onChange?.(change);
}

/**
 * Follows a table, and says how that goes. What is interrupted goes on by itself, with growing pauses.
 *
 * @deprecated Use `useRealtimeChannel` of `tidewire/react` with `postgresChanges`, or `useCollection` for
 * the rows themselves.
 */
// biome-ignore lint/suspicious/noExplicitAny: existing code reads fields of its own tables.
export function useRealtimeSubscription<Row extends object = Record<string, any>>({
  table,
  filter,
  event = '*',
  enabled = true,
  ...callbacks
}: RealtimeSubscriptionOptions<Row>): RealtimeSubscription<Row> {
  const latest = useLatest(callbacks);
  const [standing, stand] = useState(CLOSED);
  const [lastEvent, showEvent] = useState<PostgresChange<Row> | null>(null);
  const [wish, setWish] = useState({ enabled, isWanted: enabled });
  if (wish.enabled !== enabled) setWish({ enabled, isWanted: enabled });
  const { isWanted } = wish;
  useEffect(() => {
    if (!isWanted) return;
    const { client } = legacyConfig();
    let last: PostgresChange<Row> | null = null;
    const stopShowing = client.on('batch', () => showEvent(last));
    const wanted = { event, schema: 'public', table, ...(filter && { filter }) } as PostgresFilter;
    const channel = supabaseChannel(client, nameOf(table, filter), {
      // Connected is who misses nothing any more.
      config: { postgres_changes_options: { wait: true } },
    });
    channel.on<Row>('postgres_changes', wanted as Required<PostgresFilter>, (change) => {
      last = change;
      tell(latest.current, change);
    });
    stand({ status: 'connecting', error: null, channel });
    channel.subscribe((status, error) => {
      if (status === 'SUBSCRIBED') stand({ status: 'connected', error: null, channel });
      else if (status !== 'CLOSED') {
        const isOver = channel.state === 'errored';
        stand({ status: isOver ? 'failed' : 'connecting', error: error ?? Error(status), channel });
      }
    });
    return () => {
      stopShowing();
      void channel.unsubscribe();
      stand(CLOSED);
    };
  }, [table, filter, event, isWanted, latest]);
  const controls = useMemo(
    () => ({
      subscribe: () => setWish((former) => ({ ...former, isWanted: true })),
      unsubscribe: () => setWish((former) => ({ ...former, isWanted: false })),
    }),
    [],
  );
  const { status, error, channel } = standing;
  return {
    isConnected: status === 'connected',
    isConnecting: status === 'connecting',
    error,
    lastEvent,
    channel,
    ...controls,
  };
}
