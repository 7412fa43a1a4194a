import { useEffect, useEffectEvent, useState } from 'react';
import { refreshStatistics } from '../realtime/statistics.ts';

/** Opens a resource while it is needed, and releases it afterwards; `null` as long as it is not open. */
export function useOpened<T extends { release(): void }>(wanted: boolean, open: () => T): T | null {
  const [opened, setOpened] = useState<T | null>(null);
  const openNow = useEffectEvent(open);
  useEffect(() => {
    if (!wanted) return;
    const next = openNow();
    setOpened(next);
    refreshStatistics();
    return () => {
      next.release();
      setOpened(null);
      refreshStatistics();
    };
  }, [wanted]);
  return opened;
}
