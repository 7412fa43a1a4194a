import { useEffect, useRef, useState } from 'react';
import { legacyConfig } from '../index.js';
import { ACTIVE_STATUSES, type Call } from './entities.js';
import { rowFilter } from './row-filter.js';
import { storedRows } from './stored-rows.js';
import { type RealTimeStats, SupplierStats } from './supplier-stats.js';
import { useTableChanges } from './use-table-changes.js';

/**
 * The statistics of a supplier, from its row of `supplier_stats` and its calls: a new active call
 * counts, one that is completed adds its revenue, one that is deleted counts no more. `null` before the
 * first change.
 *
 * @deprecated Use `useCollection('campaigns', …)` of `tidewire/react`, whose rows have the statistics.
 */
export function useRealTimeStats(supplierId: string): RealTimeStats | null {
  const [shown, show] = useState<RealTimeStats | null>(null);
  const stats = useRef<SupplierStats>(undefined);
  const channel = supplierId && `supplier-calls-${supplierId}`;
  useEffect(() => {
    if (!channel) return;
    const own = new SupplierStats(supplierId);
    stats.current = own;
    const { client } = legacyConfig();
    const read = storedRows<Call>('calls', (query) =>
      query.eq('supplier_id', supplierId).in('status', ACTIVE_STATUSES),
    );
    // Without them changes are counted all the same.
    const load = () =>
      read?.()
        .then((calls) => own.know(calls))
        .catch(() => {});
    const off = client.on('channel', ({ channel: name, state }) => {
      if (name === channel && state === 'ready') load();
    });
    // Another component may have it open.
    const known = client.getChannelStats().channels.find(({ key }) => key === channel);
    if (known?.state === 'ready') load();
    return () => {
      off();
      show(null);
    };
  }, [channel, supplierId]);
  const filter = rowFilter(['supplier_id', supplierId]) ?? '';
  useTableChanges<Call>(channel, { table: 'calls', filter }, (change) =>
    show(stats.current?.called(change) ?? null),
  );
  useTableChanges<Record<string, unknown>>(
    supplierId && `supplier-stats-${supplierId}`,
    { event: 'UPDATE', table: 'supplier_stats', filter },
    ({ new: row }) => show(stats.current?.fromRow(row) ?? null),
  );
  return shown;
}
