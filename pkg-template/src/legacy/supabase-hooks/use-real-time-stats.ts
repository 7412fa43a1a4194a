import { useEffect, useRef, useState } from 'react';
import type { PostgresChange } from '../../index.js';
import { legacyConfig } from '../index.js';
import { ACTIVE_STATUSES, type Call, isActive } from './entities.js';
import { rowFilter } from './row-filter.js';
import { storedRows } from './stored-rows.js';
import { useTableChanges } from './use-table-changes.js';

export interface RealTimeStats {
  /** The number of calls. */
  totalCalls?: number;
  /** The revenue of the completed calls. */
  revenue?: number;
  /** 0 to 1. */
  conversionRate?: number;
  /** 0 to 100. */
  qualityScore?: number;
}

/** The fields, and their alternative column names. */
const COLUMNS: readonly (readonly [keyof RealTimeStats, string])[] = [
  ['totalCalls', 'total_calls'],
  ['revenue', 'revenue'],
  ['conversionRate', 'conversion_rate'],
  ['qualityScore', 'quality_score'],
];

function statsOf(row: Record<string, unknown>): RealTimeStats {
  const fields = COLUMNS.map(([field, column]) => [field, row[field] ?? row[column]] as const);
  return Object.fromEntries(fields.filter(([, value]) => value != null));
}

/** Counts calls. It keeps each call's status, since a change contains only the key of the old row. */
class SupplierStats {
  readonly #statuses = new Map<string, string>();
  #stats: RealTimeStats | null = null;

  constructor(readonly supplierId: string) {}

  /** Adds stored calls. Changes that were received before are newer. */
  addStored(calls: readonly Call[]): void {
    for (const { id, status } of calls) {
      if (!this.#statuses.has(id)) this.#statuses.set(id, status);
    }
  }

  applyRow(row: Record<string, unknown>): RealTimeStats | null {
    return this.#update(statsOf(row));
  }

  applyCall(change: PostgresChange<Call>): RealTimeStats | null {
    const { totalCalls = 0, revenue = 0 } = this.#stats ?? {};
    if (change.eventType === 'DELETE') {
      if (!this.#isOwn(change.old)) return this.#stats;
      return this.#update({ totalCalls: Math.max(totalCalls - 1, 0) });
    }
    const { eventType, new: call, old } = change;
    const former = this.#statuses.get(call.id) ?? (old as Partial<Call>).status ?? '';
    this.#statuses.set(call.id, call.status);
    if (eventType === 'INSERT') {
      return isActive(call) ? this.#update({ totalCalls: totalCalls + 1 }) : this.#stats;
    }
    return call.status === 'completed' && ACTIVE_STATUSES.includes(former)
      ? this.#update({ revenue: revenue + (call.revenue ?? call.payout ?? 0) })
      : this.#stats;
  }

  /** Whether a call belongs to this supplier: deletes are received for the calls of all suppliers. */
  #isOwn({ id = '', supplier_id: owner }: Partial<Call>): boolean {
    return this.#statuses.delete(id) || owner === this.supplierId;
  }

  #update(changes: RealTimeStats): RealTimeStats {
    this.#stats = { ...this.#stats, ...changes };
    return this.#stats;
  }
}

/**
 * Returns the statistics of a supplier, from its row of `supplier_stats` and its calls: a new active call
 * is counted, a completed one adds its revenue, a deleted one is subtracted. `null` before the
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
    // If loading fails, changes are counted nevertheless.
    const load = () =>
      read?.()
        .then((calls) => own.addStored(calls))
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
    show(stats.current?.applyCall(change) ?? null),
  );
  useTableChanges<Record<string, unknown>>(
    supplierId && `supplier-stats-${supplierId}`,
    { event: 'UPDATE', table: 'supplier_stats', filter },
    ({ new: row }) => show(stats.current?.applyRow(row) ?? null),
  );
  return shown;
}
