/** The calls of a supplier, live. */
import { useMemo } from 'react';
import { ACTIVE_STATUSES, type Call, isActive } from './entities.js';
import { rowFilter } from './row-filter.js';
import { useTableRows } from './use-table-rows.js';

const LISTED = 10;

const ofSupplier = (supplierId: string): string => rowFilter(['supplier_id', supplierId]) ?? '';

/**
 * Returns the ten newest calls of a supplier, newest first. With a configured supabase-js client the list starts
 * with the stored calls.
 *
 * @deprecated Use `useCollection('calls:CAMPAIGN', { limit: 10 })` of `tidewire/react`.
 */
export function useRealTimeCallUpdates(supplierId: string): Call[] {
  const rows = useTableRows<Call>(supplierId && `supplier-call-updates-${supplierId}`, {
    table: 'calls',
    filter: ofSupplier(supplierId),
    narrow: (query) =>
      query.eq('supplier_id', supplierId).order('created_at', { ascending: false }).limit(LISTED),
    order: 'newest first',
    limit: LISTED,
  });
  return useMemo(() => [...rows].reverse(), [rows]);
}

/**
 * Returns the number of a supplier's active calls: the stored ones, if a supabase-js client is configured, and
 * the changes since.
 *
 * @deprecated Use `useCollection('calls:CAMPAIGN', …)` of `tidewire/react`, and count its items.
 */
export function useRealTimeCallCount(supplierId: string): number {
  const rows = useTableRows<Call>(supplierId && `active-calls-${supplierId}`, {
    table: 'calls',
    filter: ofSupplier(supplierId),
    narrow: (query) => query.eq('supplier_id', supplierId).in('status', ACTIVE_STATUSES),
  });
  return useMemo(() => rows.filter(isActive).length, [rows]);
}
