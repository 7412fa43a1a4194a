import { useEffect, useMemo, useState } from 'react';
import type {
  PostgresChange,
  PostgresDelete,
  PostgresFilter,
  PostgresInsert,
  PostgresUpdate,
} from '../../index.js';
import { type SupabaseChannel, supabaseChannel } from '../../supabase/index.js';
import { legacyConfig } from '../index.js';
import { useLatest } from '../use-latest.js';
import type { ChangeEvent } from './use-realtime-channel.js';

/** The callbacks of a table's changes. Each may be a new function in every render. */
export interface SubscriptionCallbacks<Row extends object> {
  onInsert?: ((payload: PostgresInsert<Row>) => void) | undefined;
  onUpdate?: ((payload: PostgresUpdate<Row>) => void) | undefined;
  onDelete?: ((payload: PostgresDelete<Row>) => void) | undefined;
  /** Called for every change, after the specific callback. */
  onChange?: ((payload: PostgresChange<Row>) => void) | undefined;
}

/** The filter of the changes, and the callbacks. */
export interface RealtimeSubscriptionOptions<Row extends object>
  extends SubscriptionCallbacks<Row> {
  /** The table, of the schema `public`. */
  table: string;
  /** Which rows: `column=operator.value`; several, separated by commas, must all match. Default: all. */
  filter?: string | undefined;
  event?: ChangeEvent | undefined;
  enabled?: boolean | undefined;
}

export interface RealtimeSubscription<Row extends object> {
  /** Whether the subscription is active: the server sends every change. */
  readonly isConnected: boolean;
  /** Whether the subscription is being established. */
  readonly isConnecting: boolean;
  /** The last error; `null` once it is connected. */
  readonly error: Error | null;
  /** The last change, updated once per `batchMs` of the client. The callbacks receive every change at once. */
  readonly lastEvent: PostgresChange<Row> | null;
  /** Subscribes, regardless of `enabled`, until that changes. */
  readonly subscribe: () => void;
  /** Leaves, regardless of `enabled`, until that changes. */
  readonly unsubscribe: () => void;
  /** The channel; `null` without a subscription, and in the first render. */
  readonly channel: SupabaseChannel | null;
}

interface SubscriptionState {
  readonly status: 'closed' | 'connecting' | 'connected' | 'failed';
  readonly error: Error | null;
  readonly channel: SupabaseChannel | null;
}

const CLOSED: SubscriptionState = { status: 'closed', error: null, channel: null };

/** A part of the channels' names: the time when the page opened the first one. Equal subscriptions share a channel. */
let since: number | undefined;

function nameOf(table: string, filter: string | undefined): string {
  since ??= Date.now();
  return `rt:${table}:${filter || 'all'}:${since}`;
}

function notify<Row extends object>(
  { onInsert, onUpdate, onDelete, onChange }: SubscriptionCallbacks<Row>,
  change: PostgresChange<Row>,
): void {
  if (change.eventType === 'INSERT') onInsert?.(change);
  else if (change.eventType === 'UPDATE') onUpdate?.(change);
  else onDelete?.(change);
  onChange?.(change);
}

/**
 * Subscribes to the changes of a table, and returns the status. After an interruption it reconnects by itself, with backoff.
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
  const [current, setCurrent] = useState(CLOSED);
  const [lastEvent, showEvent] = useState<PostgresChange<Row> | null>(null);
  const [request, setRequest] = useState({ enabled, isRequested: enabled });
  if (request.enabled !== enabled) setRequest({ enabled, isRequested: enabled });
  const { isRequested } = request;
  useEffect(() => {
    if (!isRequested) return;
    const { client } = legacyConfig();
    let last: PostgresChange<Row> | null = null;
    const stopShowing = client.on('batch', () => showEvent(last));
    const selection = {
      event,
      schema: 'public',
      table,
      ...(filter && { filter }),
    } as PostgresFilter;
    const channel = supabaseChannel(client, nameOf(table, filter), {
      // `isConnected` becomes true only once the server has confirmed the database changes.
      config: { postgres_changes_options: { wait: true } },
    });
    channel.on<Row>('postgres_changes', selection as Required<PostgresFilter>, (change) => {
      last = change;
      notify(latest.current, change);
    });
    setCurrent({ status: 'connecting', error: null, channel });
    channel.subscribe((status, error) => {
      if (status === 'SUBSCRIBED') setCurrent({ status: 'connected', error: null, channel });
      else if (status !== 'CLOSED') {
        const isOver = channel.state === 'errored';
        setCurrent({
          status: isOver ? 'failed' : 'connecting',
          error: error ?? Error(status),
          channel,
        });
      }
    });
    return () => {
      stopShowing();
      void channel.unsubscribe();
      setCurrent(CLOSED);
    };
  }, [table, filter, event, isRequested, latest]);
  const controls = useMemo(
    () => ({
      subscribe: () => setRequest((former) => ({ ...former, isRequested: true })),
      unsubscribe: () => setRequest((former) => ({ ...former, isRequested: false })),
    }),
    [],
  );
  const { status, error, channel } = current;
  return {
    isConnected: status === 'connected',
    isConnecting: status === 'connecting',
    error,
    lastEvent,
    channel,
    ...controls,
  };
}
