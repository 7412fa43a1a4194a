import { useCallback, useSyncExternalStore } from 'react';
import type { Typing } from 'tidewire';

/** The other users who are typing. */
export function useTyping(typing: Typing): readonly string[] {
  const subscribe = useCallback((listener: () => void) => typing.on('change', listener), [typing]);
  return useSyncExternalStore(subscribe, () => typing.who);
}
