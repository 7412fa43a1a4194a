import { useCallback, useEffect } from 'react';
import { realTimeService } from './realtime-service.js';
import type { BillId, BillUpdate, TypingIndicator } from './types.js';
import { type BillTracking, useBillTracking } from './use-bill-tracking.js';
import { type CommunityRealTime, useCommunityRealTime } from './use-community-realtime.js';

/** What {@link useRealTimeEngagement} returns. */
export interface RealTimeEngagement
  extends Omit<BillTracking, 'billUpdates' | 'engagementMetrics' | 'getBillUpdates'>,
    Pick<CommunityRealTime, 'sendTypingIndicator' | 'stopTypingIndicator'> {
  /** The last updates of a bill, oldest first. */
  readonly getRecentUpdates: (billId: BillId, limit?: number) => readonly BillUpdate[];
  readonly getTypingIndicators: (billId: BillId, parentId?: string) => TypingIndicator[];
}

const getTypingIndicators = (id: BillId, parentId?: string): TypingIndicator[] =>
  realTimeService.getCommunityService().getTypingIndicators(id, parentId);

/**
 * Returns bills with live updates, and typing.
 *
 * @deprecated Use `useBillTracking` and `useCommunityRealTime`, or their replacements.
 */
export function useRealTimeEngagement(): RealTimeEngagement {
  const bills = useBillTracking();
  const { sendTypingIndicator, stopTypingIndicator } = useCommunityRealTime();
  useEffect(() => {
    console.warn(
      'useRealTimeEngagement is deprecated: use useBillTracking and useCommunityRealTime.',
    );
  }, []);
  const { getBillUpdates, billUpdates: _, engagementMetrics: __, ...shown } = bills;
  const getRecentUpdates = useCallback(
    (id: BillId, limit = 10) => (limit > 0 ? getBillUpdates(id).slice(-limit) : []),
    [getBillUpdates],
  );
  return {
    ...shown,
    getRecentUpdates,
    getTypingIndicators,
    sendTypingIndicator,
    stopTypingIndicator,
  };
}
