/** Values nested 20,000 levels deep: only the message with the value fails, and every channel of every page stays ready. */
import { type ClientFrame, RawServer, welcome } from '../support/raw-server.js';
import type { Tab } from '../support/tab.js';
import { expect, test } from '../support/test.js';

const DEPTH = 20_000;
/** More than the engine's crash budget. */
const TIMES = 8;
const FEATURES = ['subscribe', 'envelope', 'ack', 'presence'];

/** The text of an object with these members and one that is nested so deep. */
const deep = (members: object): string =>
  `${JSON.stringify({ ...members, deep: 0 }).slice(0, -2)}${'{"in":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}}`;

/** A frame as text, with this text at the place of `"VALUE"`. */
const frame = (head: object, text: string): string =>
  JSON.stringify(head).replace('"VALUE"', () => text);

interface Notes {
  notes: import('tidewire').Collection<{ id: string; n?: number }>;
}

/** Starts a server that accepts every client, and acknowledges messages with the frame that `ack` returns. */
async function serve(ack?: (frame: ClientFrame) => string): Promise<RawServer> {
  const accept = welcome(FEATURES);
  return await RawServer.start((frame, server) => {
    accept(frame, server);
    if (frame.type === 'channel_message' && ack) server.raw(ack(frame));
    if (frame.type === 'subscribe') {
      server.send({ type: 'presence_state', channel: frame.channel, state: {} });
    }
  });
}

/** A page whose client is in two channels and shows a collection of the first. */
async function watching(tab: Tab, server: RawServer): Promise<void> {
  await tab.client({ url: server.url, batchMs: 5 }, null);
  for (const channel of ['notes', 'other']) {
    await tab.subscribe(channel, channel);
  }
  await tab.page.evaluate(() => {
    const notes = window.kit.client.collection<{ id: string; n?: number }>('notes', {
      load: () => [{ id: '1', n: 1 }],
    });
    (window as unknown as Notes).notes = notes;
  });
  for (const channel of ['notes', 'other']) await tab.untilChannel(channel);
  await expect.poll(() => rows(tab)).toEqual([{ id: '1', n: 1 }]);
}

const rows = (tab: Tab): Promise<object[]> =>
  tab.page.evaluate(() => [...(window as unknown as Notes).notes.items]);

/** Expects both channels to be ready and to receive, and so many invalid frames. */
async function expectAllReady(
  tabs: Tab[],
  server: RawServer,
  invalid: number,
  shown = 2,
): Promise<void> {
  server.sendToAll(
    JSON.stringify({ type: 'channel_message', channel: 'other', id: 'x', payload: 'well' }),
  );
  server.sendToAll(
    JSON.stringify({
      type: 'channel_message',
      channel: 'notes',
      id: 'y',
      event: 'update',
      payload: { row: { id: '1', n: 2 } },
    }),
  );
  for (const tab of tabs) {
    await expect.poll(() => tab.messages('other')).toEqual(['well']);
    await expect.poll(() => rows(tab)).toEqual([{ id: '1', n: shown }]);
    expect(await tab.state()).toBe('ready');
    const channels = await tab.channels();
    expect(channels.map(({ key, state }) => [key, state])).toEqual([
      ['notes', 'ready'],
      ['other', 'ready'],
    ]);
    expect((await tab.metrics()).invalidFrames).toBe(invalid);
    expect(await tab.errorCodes()).toEqual(invalid ? ['invalid_frame'] : []);
  }
  expect(server.offered, 'no page connected twice').toHaveLength(tabs.length);
}

const FROM_SERVER: [name: string, text: () => string][] = [
  [
    'rows',
    () =>
      frame(
        {
          type: 'channel_message',
          channel: 'notes',
          event: 'update',
          payload: { row: 'VALUE' },
        },
        deep({ id: '1' }),
      ),
  ],
  [
    'presence metas',
    () =>
      frame(
        { type: 'presence_diff', channel: 'notes', joins: { ann: ['VALUE'] }, leaves: {} },
        deep({ ref: '1' }),
      ),
  ],
];

for (const [name, text] of FROM_SERVER) {
  test(`${TIMES} ${name} nested too deeply leave every channel of every page ready`, async ({
    newTab,
  }) => {
    const server = await serve();
    const tabs = [await newTab(), await newTab()];
    for (const tab of tabs) await watching(tab, server);
    for (let time = 0; time < TIMES; time += 1) server.sendToAll(text());
    await expectAllReady(tabs, server, TIMES);
    await server.stop();
  });
}

test(`${TIMES} acknowledgements nested too deeply confirm their sends without the payload`, async ({
  newTab,
}) => {
  const server = await serve(({ channel, id }) =>
    frame({ type: 'ack', channel, id, status: 'ok', payload: 'VALUE' }, deep({ id: '1' })),
  );
  const tab = await newTab();
  await watching(tab, server);
  const acks = await tab.page.evaluate(
    ([times]) => {
      const { client } = window.kit;
      const { notes } = window as unknown as Notes;
      const sent = Array.from({ length: times - 1 }, (_, n) => client.send('notes', { n }).acked);
      return Promise.all([...sent, notes.update('1', { n: 5 }).promise]);
    },
    [TIMES] as const,
  );
  expect(acks).toHaveLength(TIMES);
  for (const ack of acks) expect(ack).toMatchObject({ confirmed: true });
  for (const ack of acks) expect(Object.keys(ack)).not.toContain('payload');
  // The local change is shown until its message is received.
  await expectAllReady([tab], server, TIMES, 5);
  await server.stop();
});

test('a value of the app that is nested too deeply fails alone', async ({ tab }) => {
  const server = await serve(({ channel, id }) =>
    JSON.stringify({ type: 'ack', channel, id, status: 'ok' }),
  );
  await watching(tab, server);
  const received = await tab.page.evaluate(
    async ([depth, times]) => {
      let value: unknown = 1;
      for (let level = 0; level < depth; level += 1) value = { in: value };
      const row = { id: '1', deep: value };
      const { client } = window.kit;
      const codes: Record<string, string | undefined> = {};
      const handle = client.channel('notes');
      const { notes } = window as unknown as Notes;
      const calls: Record<string, () => unknown> = {
        send: () => client.send('notes', row),
        insert: () => notes.insert(row),
        update: () => notes.update('1', row),
        track: () => handle.presence.track(row),
        'presence update': () => handle.presence.update(row),
        params: () => client.channel('third', { params: row }),
      };
      for (const [name, call] of Object.entries(calls)) {
        for (let time = 0; time < times; time += 1) codes[name] = window.kit.attempt(call)?.code;
      }
      const loaded = client.collection('notes', { load: () => [row] });
      await new Promise<void>((resolve) => {
        loaded.on('change', ({ error }) => error && resolve());
      });
      codes.load = loaded.error?.code;
      loaded.release();
      const stored = client.collection<object>('notes', {
        load: () => [{ id: '1' }],
        persist: () => Promise.resolve(row),
      });
      await new Promise<void>((resolve) => {
        stored.on('change', ({ items }) => items.length && resolve());
      });
      codes.persist = await stored.update('1', { n: 1 }).promise.then(
        () => 'stored',
        ({ code }) => code,
      );
      stored.release();
      handle.release();
      return codes;
    },
    [DEPTH, TIMES] as const,
  );
  expect(received).toEqual({
    send: 'invalid_argument',
    insert: 'invalid_argument',
    update: 'invalid_argument',
    track: 'invalid_argument',
    'presence update': 'invalid_argument',
    params: 'invalid_argument',
    load: 'load_failed',
    persist: 'invalid_argument',
  });
  expect(await tab.state()).toBe('ready');
  await tab.untilChannel('notes');
  await tab.untilChannel('other');
  server.send({ type: 'channel_message', channel: 'other', id: 'x', payload: 'well' });
  await expect.poll(() => tab.messages('other')).toEqual(['well']);
  expect(server.offered).toHaveLength(1);
  await server.stop();
});

test('a flat message of half a megabyte is sent and received', async ({ tab }) => {
  const server = await serve(({ channel, id, payload }) => {
    server.sendToAll(JSON.stringify({ type: 'channel_message', channel, id: 'e', payload }));
    return JSON.stringify({ type: 'ack', channel, id, status: 'ok' });
  });
  await tab.client({ url: server.url }, null);
  await tab.subscribe('a', 'news');
  await tab.untilChannel('news');
  const size = await tab.page.evaluate(async () => {
    const list = Array.from({ length: 40_000 }, (_, at) => at);
    await window.kit.client.send('news', { list, text: 'x'.repeat(1 << 18) }).acked;
    return JSON.stringify(list).length + (1 << 18);
  });
  expect(size).toBeGreaterThan(400_000);
  await expect.poll(() => tab.count('a')).toBe(1);
  await server.stop();
});
