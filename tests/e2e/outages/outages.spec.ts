/**
 * 30 outages of 1.5 to 7 s for each protocol: the server's process is killed and started again, and the
 * page receives no event that would start an attempt (`online`, `visibilitychange`, `pageshow`). The measured time is
 * that from the first connection that the server accepts to the first message that the page receives.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Random } from '../support/random.js';
import { takeSeed } from '../support/seed.js';
import { ReferenceServer, type ServerOptions } from '../support/server.js';
import type { Tab } from '../support/tab.js';
import { expect, test } from '../support/test.js';

/** Servers side by side, each with one page. */
const LANES = 6;
const OUTAGES_OF_LANE = 5;
const SHORTEST_MS = 1_500;
const LONGEST_MS = 7_000;
/** How long a connection is up before the next outage: longer than `reconnect.resetMs`. */
const UP_MS = 5_500;
/** The largest permitted median. */
const MEDIAN_MS = 900;
const PUBLISH_EVERY_MS = 20;

/** What differs between the protocols. */
interface Case {
  protocol: 'tidewire' | 'phoenix';
  channel: string;
  serverOptions: ServerOptions;
  url(server: ReferenceServer): string;
  publish(server: ReferenceServer, channel: string, payload: object): Promise<unknown>;
}

const CASES: Case[] = [
  {
    protocol: 'tidewire',
    channel: 'news',
    serverOptions: { durable: true },
    url: (server) => server.url(),
    publish: (server, channel, payload) => server.publish(channel, payload),
  },
  {
    protocol: 'phoenix',
    channel: 'room:news',
    serverOptions: { phoenix: {} },
    url: (server) => `${server.origin}/socket`,
    publish: (server, channel, payload) => server.broadcastPhoenix(channel, 'chat', payload),
  },
];

interface Outage {
  downMs: number;
  backMs: number;
}

/** Returns the time when the port first accepts a connection. */
async function accepts(origin: string): Promise<number> {
  const { hostname, port } = new URL(origin);
  for (;;) {
    const socket = connect(Number(port), hostname);
    try {
      await once(socket, 'connect');
      return Date.now();
    } catch {
      await setTimeout(2);
    } finally {
      socket.destroy();
    }
  }
}

/** One outage, from the kill to the first message after it. */
async function outage(
  { channel, publish }: Case,
  server: ReferenceServer,
  tab: Tab,
  number: number,
  downMs: number,
): Promise<Outage> {
  await server.kill();
  await setTimeout(downMs);
  const [returned] = await Promise.all([accepts(server.origin), server.start()]);
  let isBack = false;
  const received = tab.page
    .waitForFunction(
      (which) => {
        const { inbox } = window.kit;
        return inbox.find(({ message }) => (message as { outage: number }).outage === which)?.meta
          .receivedAt;
      },
      number,
      { polling: 20 },
    )
    .finally(() => {
      isBack = true;
    });
  // Phoenix stores no messages, so they are published until one is received.
  while (!isBack) {
    await publish(server, channel, { outage: number });
    await setTimeout(PUBLISH_EVERY_MS);
  }
  return { downMs, backMs: Number(await (await received).jsonValue()) - returned };
}

async function lane(given: Case, tab: Tab, downs: readonly number[]): Promise<Outage[]> {
  const server = await ReferenceServer.start({
    ...given.serverOptions,
    flags: ['--anonymous'],
  });
  try {
    await tab.client({ protocol: given.protocol, url: given.url(server) }, null);
    await tab.subscribe('a', given.channel);
    await tab.untilChannel(given.channel);
    const outages: Outage[] = [];
    for (const [number, downMs] of downs.entries()) {
      await setTimeout(UP_MS);
      outages.push(await outage(given, server, tab, number, downMs));
    }
    expect(await tab.reasonsFor('reconnecting')).toHaveLength(downs.length);
    const pageEvents = (await tab.changes()).filter(({ reason }) =>
      /online|visible|show/.test(reason),
    );
    expect(pageEvents, 'no page event').toEqual([]);
    return outages;
  } finally {
    await server.stop();
  }
}

/** Returns the middle value; of an even number of values the mean of the two. */
function median(sorted: readonly number[]): number {
  const at = (index: number) => sorted[Math.floor(index)] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return (at(middle) + at(middle + 0.5)) / 2;
}

for (const given of CASES) {
  test(`${given.protocol}: after an outage without a page event the first message arrives within ${MEDIAN_MS} ms in the median`, async ({
    newTab,
  }) => {
    const random = new Random(takeSeed());
    const lanes = Array.from({ length: LANES }, () =>
      Array.from(
        { length: OUTAGES_OF_LANE },
        () => SHORTEST_MS + random.below(LONGEST_MS - SHORTEST_MS + 1),
      ),
    );
    const outages = (
      await Promise.all(lanes.map(async (downs) => lane(given, await newTab(), downs)))
    ).flat();
    for (const { downMs, backMs } of outages.toSorted((a, b) => a.downMs - b.downMs)) {
      console.log(`    down for ${downMs} ms: first message ${backMs} ms after the return`);
    }
    const times = outages.map(({ backMs }) => backMs).sort((a, b) => a - b);
    const middle = median(times);
    console.log(
      `    ${given.protocol}: ${times.length} outages, median ${middle} ms, maximum ${times.at(-1)} ms`,
    );
    expect(middle).toBeLessThanOrEqual(MEDIAN_MS);
  });
}
