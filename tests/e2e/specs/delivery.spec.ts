/** Delivery by sequence numbers: each message once and in order, whatever happens to the connection. */
import { Random } from '../support/random.js';
import { takeSeed } from '../support/seed.js';
import type { LogEntry, ReferenceServer } from '../support/server.js';
import type { Tab } from '../support/tab.js';
import { expect, test } from '../support/test.js';

const FLOODED = 10_000;
const PER_SECOND = 500;
/** Acknowledged sends on each of two channels. */
const SENT = 500;
const EVERY_MS = 40;

const numbers = (last: number): number[] => Array.from({ length: last }, (_, n) => n + 1);

/** An interruption or a fault of a tab's connection. */
type Disruption = (tab: Tab, server: ReferenceServer, random: Random) => Promise<unknown>;

const dropped: Disruption = (_tab, server) => server.cut({ drop: true });

const closed: Disruption = (_tab, server, random) =>
  server.cut({ close: random.pick([1001, 1011, 1012, 4500]), reason: 'a disruption' });

/** The connection is cut right after a message was accepted, so that it is not acknowledged. */
const droppedAfterAccepting: Disruption = async (tab, server) => {
  const { opened } = await server.stats();
  await server.cut({ dropAfterAccept: true });
  // Some other message may be the one that is accepted; there may be none left.
  await tab.send(`last messages-${opened}`, 'last messages', { s: opened });
  await expect.poll(async () => (await server.stats()).opened).toBeGreaterThan(opened);
};

const rejected: Disruption = async (_tab, server, random) => {
  const { handshakesWhileRejecting: before } = await server.stats();
  await server.reject(random.pick(['tcp', 'handshake'] as const));
  await server.cut({ drop: true });
  await expect
    .poll(async () => (await server.stats()).handshakesWhileRejecting)
    .toBeGreaterThan(before);
  await server.reject('off');
};

/** The hidden page closes its socket, and misses what is published meanwhile. */
const hidden: Disruption = async (tab, server, random) => {
  await tab.hide();
  await tab.until('paused');
  const published = async () => (await server.stats()).publishes.flood ?? 0;
  const missed = (await published()) + random.below(PER_SECOND / 2);
  await expect.poll(published).toBeGreaterThanOrEqual(Math.min(missed, FLOODED));
  await tab.show();
};

/**
 * Waits until the present connection has had one of the tab's sends acknowledged, if any is left: what was sent before it
 * was processed too. A message that is unacknowledged at three losses in a row is taken for their cause.
 */
async function acknowledged(tab: Tab): Promise<void> {
  const acked = async () => (await tab.sendReports('letters')).filter(({ ack }) => ack).length;
  const before = await acked();
  await expect.poll(async () => (await acked()) > before || before === SENT).toBe(true);
}

/** From now on the server loses, repeats and reorders frames; `reliable` ends that. */
const unreliable: Disruption = (_tab, server, random) =>
  server.faults({
    connection: 'next',
    seed: random.below(1_000_000),
    lose: 0.03,
    duplicate: 0.05,
    reorder: 0.05,
    loseAcks: 0.05,
  });
const reliable: Disruption = (_tab, server) => server.faults({ clear: true });

const CUTS = [
  ...Array<Disruption>(8).fill(dropped),
  ...Array<Disruption>(5).fill(closed),
  ...Array<Disruption>(4).fill(droppedAfterAccepting),
  ...Array<Disruption>(3).fill(rejected),
];
const HIDES = Array<Disruption>(5).fill(hidden);

function schedule(random: Random): Disruption[] {
  const disruptions = random.shuffled([...CUTS, ...HIDES]);
  disruptions.splice(8, 0, unreliable);
  disruptions.splice(18, 0, reliable);
  return disruptions;
}

/** What the tab has sent on a channel, as stored: all of it acknowledged, once, in the order it was sent. */
async function expectAllStoredOnce(
  tab: Tab,
  server: ReferenceServer,
  channel: string,
): Promise<LogEntry[]> {
  const reports = await tab.sendReports(channel);
  expect(reports.filter(({ ack }) => !ack?.confirmed)).toEqual([]);
  const log = (await server.log(channel)).filter(({ payload }) => 's' in (payload as object));
  expect(log.map(({ id }) => id)).toEqual(reports.map(({ id }) => id));
  expect(log.map(({ seq }) => seq)).toEqual(reports.map(({ ack }) => ack?.seq));
  return log;
}

test.use({ serverOptions: { limits: { logCount: 20_000 } } });

test('10,000 messages over 20 cuts and 5 hides are delivered once, in order; so are 1,000 sent ones to the server', async ({
  tab,
  server,
}) => {
  const random = new Random(takeSeed());
  await tab.client({
    url: server.url(),
    reconnect: { baseMs: 20, maxMs: 200 },
    visibility: { pauseAfterMs: 50 },
  });
  await tab.subscribe('reader', 'flood');
  await tab.untilChannel('flood');
  const flooded = server.flood('flood', FLOODED, PER_SECOND);
  await tab.sendNumbers('flood', SENT, EVERY_MS);
  await tab.sendNumbers('letters', SENT, EVERY_MS);

  const disruptions = schedule(random);
  // The last disruption comes before the last message.
  const between = (0.95 * FLOODED) / (disruptions.length + 1);
  for (const [turn, disruption] of disruptions.entries()) {
    const due = between * (turn + 0.5 + random.next());
    await expect.poll(() => tab.count('reader')).toBeGreaterThan(due);
    await tab.until('ready');
    await acknowledged(tab);
    await disruption(tab, server, random);
  }
  await flooded;
  await expect.poll(() => tab.count('reader')).toBeGreaterThanOrEqual(FLOODED + SENT);
  for (const channel of ['flood', 'letters']) {
    await tab.settled(`${channel}-${SENT}`);
    const log = await expectAllStoredOnce(tab, server, channel);
    expect(log.map(({ payload }) => payload)).toEqual(numbers(SENT).map((s) => ({ s })));
  }
  const lastMessages = await expectAllStoredOnce(tab, server, 'last messages');
  expect(lastMessages).toHaveLength(CUTS.filter((cut) => cut === droppedAfterAccepting).length);

  const inbox = await tab.inbox('reader');
  expect(inbox.map(({ meta }) => meta.seq)).toEqual(numbers(FLOODED + SENT));
  const messages = inbox.map(({ message }) => message as { n?: number; s?: number });
  expect(messages.flatMap(({ n }) => n ?? [])).toEqual(numbers(FLOODED));
  expect(messages.flatMap(({ s }) => s ?? [])).toEqual(numbers(SENT));
  expect(new Set(inbox.map(({ meta }) => meta.epoch)).size).toBe(1);
  expect(await tab.gaps()).toEqual([]);
  expect(await tab.losses('reader')).toEqual([]);
  expect(await tab.continuity('flood')).toBe('recovered');

  // Every disruption took effect.
  expect((await server.stats()).opened).toBeGreaterThan(CUTS.length + HIDES.length);
  expect(await tab.reasonsFor('paused')).toEqual(HIDES.map(() => 'hidden'));
  const { duplicatesDropped, recovered, gaps } = await tab.metrics();
  expect(duplicatesDropped).toBeGreaterThan(0);
  expect(recovered).toBeGreaterThan(0);
  expect(gaps).toBe(0);
});
