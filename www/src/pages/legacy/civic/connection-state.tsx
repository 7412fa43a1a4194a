import { useEffect } from 'react';
import { realTimeService, useWebSocket } from 'tidewire/legacy/core-realtime';

/** How the connection stands. The service is ended with the page. */
export function ConnectionState() {
  const { isConnected, connectionQuality, error } = useWebSocket({ autoConnect: false });
  useEffect(
    () => () => {
      // StrictMode mounts it again at once: only a page that is gone ends the service.
      queueMicrotask(() => {
        if (!location.hash.startsWith('#/older/core-realtime')) void realTimeService.shutdown();
      });
    },
    [],
  );
  return (
    <p className="older-line" data-testid="standing">
      Status: {isConnected ? 'Connected' : 'Disconnected'}. Quality: {connectionQuality}.
      {error && ` Error: ${error}`}
    </p>
  );
}
