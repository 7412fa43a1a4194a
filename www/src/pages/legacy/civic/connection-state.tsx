import { useEffect } from 'react';
import { realTimeService, useWebSocket } from 'tidewire/legacy/core-realtime';

/** The connection's state. Leaving the page shuts down the service. */
export function ConnectionState() {
  const { isConnected, connectionQuality, error } = useWebSocket({ autoConnect: false });
  useEffect(
    () => () => {
      // StrictMode mounts it again at once, so the service is shut down only if another page is shown.
      queueMicrotask(() => {
        if (!location.hash.startsWith('#/legacy/core-realtime')) void realTimeService.shutdown();
      });
    },
    [],
  );
  return (
    <p className="legacy-line" data-testid="status">
      Status: {isConnected ? 'Connected' : 'Disconnected'}. Quality: {connectionQuality}.
      {error && ` Error: ${error}`}
    </p>
  );
}
