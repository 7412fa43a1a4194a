/** The memory of channels, and the growth after they are left. */
import type { Page } from '@playwright/test';
import type { Channels } from '../page/channels.js';
import { Heap, type Memory } from './heap.js';

declare global {
  var channels: Channels;
}

export const CHANNEL_SCRIPTS = ['watch-wasm', 'install-fake-socket', 'channels'] as const;

export interface ChannelMemory {
  /** Bytes for each channel while it is joined. */
  perChannel: Memory;
  /** Bytes more in use after all cycles. */
  growth: Memory;
}

const CHANNELS = 1_000;
const AT_ONCE = 100;

/** The cycles of {@link AT_ONCE} channels before the growth is measured: in these, buffers reach their size. */
const FIRST = 5;

/** Measures a page that has {@link CHANNEL_SCRIPTS}. */
export async function channelMemory(page: Page, cycles: number): Promise<ChannelMemory> {
  const heap = await Heap.of(page);
  await page.evaluate(() => channels.connect());
  await page.evaluate((atOnce) => channels.cycle(atOnce, 1), AT_ONCE);
  const before = await heap.measure();
  await page.evaluate((count) => channels.subscribe(count), CHANNELS);
  const joined = await heap.measure();
  await page.evaluate(() => channels.leave());
  await page.evaluate(([atOnce, times]) => channels.cycle(atOnce, times), [
    AT_ONCE,
    FIRST,
  ] as const);
  const first = await heap.measure();
  const times = cycles / AT_ONCE;
  await page.evaluate(([atOnce, times]) => channels.cycle(atOnce, times), [
    AT_ONCE,
    times,
  ] as const);
  const last = await heap.measure();
  return {
    perChannel: {
      heapBytes: (joined.heapBytes - before.heapBytes) / CHANNELS,
      wasmBytes: (joined.wasmBytes - before.wasmBytes) / CHANNELS,
    },
    growth: {
      heapBytes: last.heapBytes - first.heapBytes,
      wasmBytes: last.wasmBytes - first.wasmBytes,
    },
  };
}
