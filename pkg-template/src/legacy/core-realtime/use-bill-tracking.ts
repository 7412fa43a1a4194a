import { useCallback, useMemo } from 'react';
import { realTimeService } from './realtime-service.js';
import { safely } from './safely.js';
import type { BillId, BillUpdate, EngagementMetrics } from './types.js';
import { RefCounts, useRefCounts } from './use-ref-counts.js';
import { useIsConnected, useWatched } from './use-watched.js';

/** What {@link useBillTracking} returns. */
export interface BillTracking {
  /** Whether it is connected. */
  readonly isConnected: boolean;
  /** The bills this component subscribed to. */
  readonly subscribedBills: ReadonlySet<BillId>;
  /** The last 50 updates of each bill, oldest first. */
  readonly billUpdates: ReadonlyMap<BillId, readonly BillUpdate[]>;
  /** The engagement metrics by bill. */
  readonly engagementMetrics: ReadonlyMap<BillId, EngagementMetrics>;
  /** Subscribes, until the component is unmounted. */
  readonly subscribeToBill: (billId: BillId) => void;
  /** Unsubscribes. */
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
  const { held, hold, release } = useRefCounts(bills);
  const subscribeToBill = useCallback(
    (id: BillId) => safely('Subscribing to a bill', () => hold(id)),
    [hold],
  );
  const unsubscribeFromBill = useCallback(
    (id: BillId) => safely('Unsubscribing from a bill', () => release(id)),
    [release],
  );
  const getBillUpdates = useCallback((id: BillId) => service.getBillUpdates(id), [service]);
  const getEngagementMetrics = useCallback(
    (id: BillId) => service.getEngagementMetrics(id),
    [service],
  );
  const isConnected = useIsConnected();
  const billUpdates = service.getAllBillUpdates();
  const engagementMetrics = service.getAllEngagementMetrics();
  return useMemo(
    () => ({
      isConnected,
      subscribedBills: held,
      billUpdates,
      engagementMetrics,
      subscribeToBill,
      unsubscribeFromBill,
      getBillUpdates,
      getEngagementMetrics,
    }),
    [
      isConnected,
      held,
      billUpdates,
      engagementMetrics,
      subscribeToBill,
      unsubscribeFromBill,
      getBillUpdates,
      getEngagementMetrics,
    ],
  );
}
