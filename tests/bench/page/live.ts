/** A page with a real socket: round trips, and messages after interruptions. */
import { library } from 'library-under-test';
import { library as baseline } from '../libraries/baseline.js';
import type { Client, Payload } from '../libraries/library.js';
import { channelName, payloadOf } from './payload.js';

/** Returns the time in milliseconds, by the same clock as in the program outside of the page. */
const now = (): number => performance.timeOrigin + performance.now();

const ROUND_TRIP_BYTES = 200;

/** Waits for messages that follow an interruption. */
class Returns {
  /** The number of the last interruption after which a message was received, by channel. */
  readonly #after = new Map<string, number>();
  #waiting: (() => void) | undefined;

  received(channel: string, interruption: number): void {
    this.#after.set(channel, interruption);
    this.#waiting?.();
  }

  /** Resolves with the time at which so many channels had received a message. */
  until(count: number, interruption: number): Promise<number> {
    return new Promise((resolve) => {
      this.#waiting = () => {
        const back = [...this.#after.values()].filter((number) => number >= interruption);
        if (back.length >= count) resolve(now());
      };
      this.#waiting();
    });
  }
}

const returns = new Returns();

/** Sends messages one after the other and returns the median of the milliseconds to their echo. */
async function roundTrip(client: Client, count: number): Promise<number> {
  let echoed: (payload: Payload) => void = () => {};
  const subscription = await client.subscribe('echo', (payload) => echoed(payload));
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const payload = payloadOf(n, ROUND_TRIP_BYTES);
    const arrived = new Promise<void>((resolve) => {
      echoed = (echo) => echo.n === n && resolve();
    });
    const startedAt = performance.now();
    client.send('echo', payload);
    await arrived;
    times.push(performance.now() - startedAt);
  }
  await subscription.end();
  times.sort((a, b) => a - b);
  return times[times.length >> 1] ?? Number.NaN;
}

let clients: { baseline?: Client; library: Client } | undefined;

const connected = () => {
  if (!clients) throw Error('There is no client.');
  return clients;
};

export const live = {
  /** Connects the library, and for round trips the baseline to a server of its own. */
  async connect(origin: string, baselineOrigin?: string): Promise<void> {
    const client = await library.connect(origin);
    clients = {
      library: client,
      ...(baselineOrigin && { baseline: await baseline.connect(baselineOrigin) }),
    };
  },

  /** Subscribes to so many channels, whose messages have the number of the last interruption. */
  async subscribe(count: number): Promise<void> {
    const names = Array.from({ length: count }, (_, number) => channelName(number));
    await Promise.all(
      names.map((name) =>
        connected().library.subscribe(name, ({ n }) => returns.received(name, n)),
      ),
    );
  },

  /** Resolves with the time at which so many channels had received a message after this interruption. */
  returned: (count: number, interruption: number) => returns.until(count, interruption),

  /** The medians of round trips, in milliseconds, measured in the order baseline, library, library, baseline. */
  async roundTrips(count: number): Promise<{ baselineMs: number; libraryMs: number }> {
    const { baseline, library } = connected();
    if (!baseline) throw Error('The baseline is not connected.');
    let baselineMs = await roundTrip(baseline, count);
    const libraryMs = (await roundTrip(library, count)) + (await roundTrip(library, count));
    baselineMs += await roundTrip(baseline, count);
    return { baselineMs: baselineMs / 2, libraryMs: libraryMs / 2 };
  },
};

export type Live = typeof live;

Object.assign(globalThis, { live });
