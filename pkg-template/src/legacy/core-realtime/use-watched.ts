import { useSyncExternalStore } from 'react';
import type { Unsubscribe } from '../../index.js';
import { realTimeService } from './realtime-service.js';

interface Watched {
  watch(listener: () => void): Unsubscribe;
  getVersion(): number;
}

/** Renders the component again after each change; returns the version. */
export const useWatched = ({ watch, getVersion }: Watched): number =>
  useSyncExternalStore(watch, getVersion, () => 0);

const isConnected = (): boolean => realTimeService.isConnected();

/** Whether it is connected; renders again only when that changes. */
export const useIsConnected = (): boolean =>
  useSyncExternalStore(realTimeService.watch, isConnected, () => false);
