import { useEffect } from 'react';
import { realTimeService, useWebSocket } from 'tidewire/legacy/core-realtime';

/** The connection's state. The service is shut down with the page. */
export function ConnectionState() {
  const { isConnected, connectionQuality, error } = useWebSocket({ autoConnect: false });
  useEffect(
    () => () => {
      // StrictMode mounts it again at once: only a page that is gone ends the service.
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
