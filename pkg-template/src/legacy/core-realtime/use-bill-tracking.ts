import { useMemo } from 'react';
import { useSame } from '../use-view.js';
import { realTimeService } from './realtime-service.js';
import { safely } from './safely.js';
import type { BillId, BillUpdate, EngagementMetrics } from './types.js';
import { RefCounts, useRefCounts } from './use-ref-counts.js';
import { useIsConnected, useWatched } from './use-watched.js';

/** What {@link useBillTracking} returns. */
export interface BillTracking {
  readonly isConnected: boolean;
  /** The bills this component subscribed to. */
  readonly subscribedBills: ReadonlySet<BillId>;
  /** The last 50 updates of each bill, oldest first. */
  readonly billUpdates: ReadonlyMap<BillId, readonly BillUpdate[]>;
  readonly engagementMetrics: ReadonlyMap<BillId, EngagementMetrics>;
  /** Subscribes, until the component is unmounted. */
  readonly subscribeToBill: (billId: BillId) => void;
  readonly unsubscribeFromBill: (billId: BillId) => void;
  /** The last 50 updates of a bill, oldest first. */
  readonly getBillUpdates: (billId: BillId) => readonly BillUpdate[];
  /** Returns a bill's engagement metrics, if any were received. */
  readonly getEngagementMetrics: (billId: BillId) => EngagementMetrics | null;
}

const bills = /* @__PURE__ */ new RefCounts<BillId>(
  (id) => void realTimeService.getBillTrackingService().subscribeToBill(id),
  (id) => realTimeService.getBillTrackingService().unsubscribeFromBill(id),
);

/**
 * Bills, live. It needs `realTimeService.initialize` somewhere, before or after; it never throws.
 *
 * @deprecated Use the service `bills` of `tidewire/services` with `useCollection` of `tidewire/react`.
 */
export function useBillTracking(): BillTracking {
  const service = realTimeService.getBillTrackingService();
  useWatched(service);
  const { keys, acquire, release } = useRefCounts(bills);
  const actions = useMemo(
    () => ({
      subscribeToBill: (id: BillId) => safely('Subscribing to a bill', () => acquire(id)),
      unsubscribeFromBill: (id: BillId) => safely('Unsubscribing from a bill', () => release(id)),
      getBillUpdates: (id: BillId) => service.getBillUpdates(id),
      getEngagementMetrics: (id: BillId) => service.getEngagementMetrics(id),
    }),
    [service, acquire, release],
  );
  return useSame({
    isConnected: useIsConnected(),
    subscribedBills: keys,
    billUpdates: service.getAllBillUpdates(),
    engagementMetrics: service.getAllEngagementMetrics(),
    ...actions,
  });
}
