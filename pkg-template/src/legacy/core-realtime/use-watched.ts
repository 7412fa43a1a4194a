import { useSyncExternalStore } from 'react';
import type { Unsubscribe } from '../../index.js';
import { realTimeService } from './realtime-service.js';

/** What tells of its changes by a number. */
interface Watched {
  watch(listener: () => void): Unsubscribe;
  getVersion(): number;
}

/** Renders again after each change; what is read from it in the render is then new. Returns its version. */
export const useWatched = ({ watch, getVersion }: Watched): number =>
  useSyncExternalStore(watch, getVersion, () => 0);

const isConnected = (): boolean => realTimeService.isConnected();

/** Whether messages flow; renders again only when that changes. */
export const useIsConnected = (): boolean =>
  useSyncExternalStore(realTimeService.watch, isConnected, () => false);
