import realtimeClient, { useRealtimeChannel } from '@/services/realtimeClient';

/** Follows the prices until it is told to stop. */
export function followPrices(show: (price: number) => void): () => void {
  return useRealtimeChannel('prices', {}, (message: { price: number }) => show(message.price));
}

export const isLive = (): boolean => realtimeClient.isReady();
export const stateOf = (): string => realtimeClient.getState();
