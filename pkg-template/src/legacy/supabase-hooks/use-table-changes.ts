import { useEffect } from 'react';
import type { PostgresChange, PostgresFilter, Unsubscribe } from '../../index.js';
import { attempt, throwLater } from '../../react/errors.js';
import { useLatest } from '../../react/use-latest.js';
import { legacyConfig } from '../index.js';

/** Calls back with each change that a filter lets through; without a channel's name with none. */
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
    attempt(() => {
      unsubscribe = legacyConfig().client.subscribe(channel, options, (message, meta) => {
        if (meta.kind === 'change') latest.current(message as PostgresChange<Row>);
      });
    }, throwLater);
    return unsubscribe;
  }, [channel, selection, latest]);
}
