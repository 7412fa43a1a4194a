import { useState } from 'react';
import { useRealTimeStats } from '@/hooks/useRealTimeStats';
import { useRealtimeChannel } from '@/hooks/useRealtimeChannel';
import { RealtimeErrorBoundary } from './realtime/RealtimeErrorBoundary';

interface Call {
  id: string;
  status: string;
}

export function CallBoard({ campaignId, supplierId }: { campaignId: string; supplierId: string }) {
  const [calls, setCalls] = useState<Call[]>([]);
  const stats = useRealTimeStats(supplierId);

  useRealtimeChannel<Call>(`calls:campaign=${campaignId}`, '*', (payload) => {
    if (payload.eventType === 'INSERT') {
      setCalls((prev) => [...prev, payload.new]);
    } else if (payload.eventType === 'UPDATE') {
      setCalls((prev) => prev.map((call) => (call.id === payload.new.id ? payload.new : call)));
    }
  });

  return (
    <RealtimeErrorBoundary featureName="Calls">
      <p>{stats?.totalCalls ?? 0} calls</p>
      <ul>
        {calls.map((call) => (
          <li key={call.id}>{call.status}</li>
        ))}
      </ul>
    </RealtimeErrorBoundary>
  );
}
