import { expect, it } from 'vitest';
import { realtimeClient } from '@/services/realtimeClient';
import { followPrices, isLive, stateOf } from './ticker';

it('nothing is connected before the first subscription', () => {
  expect(isLive()).toBe(false);
  expect(stateOf()).toBe('disconnected');
  expect(realtimeClient.getMetrics()).toMatchObject({ subscriberCount: 0, isConnected: false });
});

it('subscribe returns a function that unsubscribes', () => {
  const stop = followPrices(() => {});
  expect(realtimeClient.subscriberCount).toBe(1);
  stop();
  stop();
  expect(realtimeClient.subscriberCount).toBe(0);
});

it('an empty channel name throws', () => {
  expect(() => realtimeClient.subscribe('')).toThrow();
});
