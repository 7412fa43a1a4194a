import { useEffect } from 'react';
import type { PostgresChange, PostgresFilter, Unsubscribe } from '../../index.js';
import { legacyConfig } from '../index.js';
import { callSafely } from '../listeners.js';
import { useLatest } from '../use-latest.js';

/** Calls back with each change that matches a filter. Without a channel's name it does not subscribe. */
export function useTableChanges<Row extends object>(
  channel: string | null,
  filter: PostgresFilter,
  callback: (change: PostgresChange<Row>) => void,
): void {
  const latest = useLatest(callback);
  const { event = '*', table, filter: rows } = filter;
  const selection = JSON.stringify({ event, schema: 'public', table, filter: rows });
  useEffect(() => {
    if (!channel) return;
    const options = { postgresChanges: [JSON.parse(selection) as PostgresFilter] };
    let unsubscribe: Unsubscribe | undefined;
    // An error thrown in an effect would unmount the tree.
    callSafely(() => {
      unsubscribe = legacyConfig().client.subscribe(channel, options, (message, meta) => {
        if (meta.kind === 'change') latest.current(message as PostgresChange<Row>);
      });
    });
    return unsubscribe;
  }, [channel, selection, latest]);
}
