import { useBillTracking, useRealtimeEngagement } from '@/core/realtime';
import type { EngagementMetrics } from '@/core/realtime/types';
import { useNotifications } from '@/hooks/useWebSocket';

export function BillPage({ billId }: { billId: number }) {
  const { isConnected, getBillUpdates } = useBillTracking();
  const { getEngagementMetrics } = useRealtimeEngagement();
  const { notifications } = useNotifications();
  const metrics: EngagementMetrics | null | undefined = getEngagementMetrics(billId);
  return (
    <p>
      {isConnected ? 'live' : 'not live'}: {getBillUpdates(billId).length} updates,{' '}
      {metrics?.viewCount ?? 0} views, {notifications.length} notifications
    </p>
  );
}
