import { useEffect, useState } from 'react';
import { realtimeClient } from 'tidewire/legacy/lazy-client';
import { Figures } from '../../../pane/figures.tsx';

/** The legacy client emits no changes: its pages polled once a second. */
const EVERY_MS = 1_000;

const reading = () => ({ state: realtimeClient.getState(), ...realtimeClient.getMetrics() });

/** The client's own numbers. */
export function LazyMetrics() {
  const [now, setNow] = useState(reading);
  useEffect(() => {
    const timer = setInterval(() => setNow(reading()), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <p className="legacy-line">
        State: <span data-testid="state">{now.state}</span>
      </p>
      <Figures
        label="The client’s metrics"
        figures={[
          { name: 'Subscribers', value: String(now.subscriberCount) },
          { name: 'Connections', value: String(now.successfulConnections) },
          { name: 'Up, in s', value: String(Math.round(now.currentUptime / 1_000)) },
        ]}
      />
    </>
  );
}
