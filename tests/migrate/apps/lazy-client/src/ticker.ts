import realtimeClient, { useRealtimeChannel } from '@/services/realtimeClient';

/** Subscribes to the prices; returns a function that unsubscribes. */
export function followPrices(show: (price: number) => void): () => void {
  // biome-ignore lint/correctness/useHookAtTopLevel: this is not a React hook
  return useRealtimeChannel('prices', {}, (message) => show(message.price as number));
}

export const isLive = (): boolean => realtimeClient.isReady();
export const stateOf = (): string => realtimeClient.getState();
