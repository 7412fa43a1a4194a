import realtimeClient, { useRealtimeChannel } from '@/services/realtimeClient';

/** Follows the prices until it is stopped. */
export function followPrices(show: (price: number) => void): () => void {
  // biome-ignore lint/correctness/useHookAtTopLevel: this one is no hook of React
  return useRealtimeChannel('prices', {}, (message) => show(message.price as number));
}

export const isLive = (): boolean => realtimeClient.isReady();
export const stateOf = (): string => realtimeClient.getState();
