import { useSame } from '../use-view.js';
import type { BillTrackingService } from './bill-tracking.js';
import { realTimeService } from './realtime-service.js';
import type { BillId, BillUpdate, EngagementMetrics } from './types.js';
import { RefCounts, useRefCounts } from './use-ref-counts.js';
import { useIsConnected, useWatched } from './use-watched.js';

/** What {@link useBillTracking} returns. */
export interface BillTracking
  extends Pick<BillTrackingService, 'getBillUpdates' | 'getEngagementMetrics'> {
  readonly isConnected: boolean;
  /** The bills this component subscribed to. */
  readonly subscribedBills: ReadonlySet<BillId>;
  /** The last 50 updates of each bill, oldest first. */
  readonly billUpdates: ReadonlyMap<BillId, readonly BillUpdate[]>;
  readonly engagementMetrics: ReadonlyMap<BillId, EngagementMetrics>;
  /** Subscribes, until the component is unmounted. */
  readonly subscribeToBill: (billId: BillId) => void;
  readonly unsubscribeFromBill: (billId: BillId) => void;
}

const service = () => realTimeService.getBillTrackingService();

const bills = /* @__PURE__ */ new RefCounts<BillId>(
  'a bill',
  (id) => void service().subscribeToBill(id),
  (id) => service().unsubscribeFromBill(id),
);

const getBillUpdates = (id: BillId) => service().getBillUpdates(id);
const getEngagementMetrics = (id: BillId) => service().getEngagementMetrics(id);

/**
 * Returns bills with live updates. `realTimeService.initialize` must be called, before or after. It never throws.
 *
 * @deprecated Use the service `bills` of `tidewire/services` with `useCollection` of `tidewire/react`.
 */
export function useBillTracking(): BillTracking {
  useWatched(service());
  const { keys, acquire, release } = useRefCounts(bills);
  return useSame({
    isConnected: useIsConnected(),
    subscribedBills: keys,
    billUpdates: service().getAllBillUpdates(),
    engagementMetrics: service().getAllEngagementMetrics(),
    subscribeToBill: acquire,
    unsubscribeFromBill: release,
    getBillUpdates,
    getEngagementMetrics,
  });
}
