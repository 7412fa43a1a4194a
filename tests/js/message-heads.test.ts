/** Messages of the socket that the engine decides on by their heads, and those that it receives whole. */
import { beforeEach, describe, expect, it, type Mock, vi } from 'vitest';
import {
  CHANNEL_STATES,
  FrameShape,
  Kind,
  MAX_FRAME_BYTES,
  MAX_OWN_IDS,
  Receipt,
  SEND_STATUSES,
} from '../../pkg-template/src/generated/engine.js';
import { type EngineDouble, freshPage, type Page } from './page.js';
import { codeOf } from './reasons.js';

const SOCKET = 7;
const ACKED = SEND_STATUSES.indexOf('acked');

let page: Page;
let client: ReturnType<Page['createRealtimeClient']>;
let engine: EngineDouble;
let received: Mock<(payload: { n: number }, meta: { event?: string }) => void>;

beforeEach(async () => {
  page = await freshPage();
  client = page.createRealtimeClient();
  const started = page.double.nextEngine();
  received = vi.fn();
  client.subscribe('feed', {}, received);
  engine = await started;
});

/** Delivers a message of the socket, and returns how the engine was called for it. */
function receive(data: unknown, shape: FrameShape = FrameShape.Members): unknown[][] {
  const before = engine.calls.length;
  const listener = engine.sink(Kind.MessageListener, SOCKET, shape);
  listener?.({ data: data instanceof ArrayBuffer ? data : JSON.stringify(data) });
  return engine.calls.slice(before);
}

const frame = (seq: number, more: object = {}) => ({
  type: 'channel_message',
  channel: 'feed',
  id: `id${seq}`,
  epoch: 'e',
  seq,
  payload: { n: seq },
  ...more,
});

const units = (value: unknown): number => JSON.stringify(value).length;

/** The engine reports the message of this number. */
const reported = (seq: number): void => {
  engine.sink(
    Kind.Message,
    engine.channels.get('feed') ?? 0,
    { n: seq },
    undefined,
    `id${seq}`,
    seq,
    'e',
    0,
  );
  received.mockClear();
};

describe('with positions', () => {
  it('the engine decides by number, and the subscribers get payload and metadata', () => {
    reported(1);
    engine.receipts.push(Receipt.Deliver);
    const value = frame(2, { event: 'chat' });
    const id = engine.channels.get('feed');
    expect(receive(value)).toEqual([
      ['receiveHead', SOCKET, id, 2, units(value), false, expect.any(Number)],
    ]);
    expect(received.mock.calls).toEqual([
      [
        { n: 2 },
        {
          channel: 'feed',
          event: 'chat',
          id: 'id2',
          seq: 2,
          epoch: 'e',
          receivedAt: expect.any(Number),
          own: false,
          recovered: false,
        },
      ],
    ]);
  });

  it('a message without payload or event has null, and no event', () => {
    reported(1);
    engine.receipts.push(Receipt.Deliver);
    receive(frame(2, { payload: undefined, event: 5 }));
    const [[payload, meta] = []] = received.mock.calls;
    expect(payload).toBe(null);
    expect(meta).not.toHaveProperty('event');
  });

  it('the engine runs after the delivery if it has to', () => {
    reported(1);
    engine.receipts.push(Receipt.DeliverThenRun);
    received.mockImplementation(() => expect(engine.of('poll')).toEqual([]));
    expect(receive(frame(2)).map(([method]) => method)).toEqual(['receiveHead', 'poll']);
    expect(received).toHaveBeenCalledTimes(1);
  });

  it('a message that is not decided on is passed on as it was parsed', () => {
    reported(1);
    const calls = receive(frame(2));
    expect(calls.at(-1)).toEqual(['receiveValue', SOCKET, frame(2), units(frame(2))]);
    expect(received).not.toHaveBeenCalled();
  });

  it.each<[string, object]>([
    ['of another epoch', { epoch: 'f' }],
    ['without an id', { id: undefined }],
    ['whose number is not one', { seq: '2' }],
    ['whose number is not whole', { seq: 2.5 }],
    ['of another type', { type: 'ephemeral' }],
    ['of an unknown channel', { channel: 'other' }],
    ['about typing', { event: 'typing' }],
  ])('a message %s is read by the engine', (_, more) => {
    reported(1);
    expect(receive(frame(2, more)).map(([method]) => method)).toEqual(['receiveValue']);
  });

  it('a message with the id of an own one is read by the engine', () => {
    reported(1);
    const { id } = client.send('feed', 1);
    expect(receive(frame(2, { id })).map(([method]) => method)).toEqual(['receiveValue']);
  });

  it('before the first report of the epoch nothing is decided by number', () => {
    receive(frame(1));
    expect(engine.of('receiveHead')[0]?.[2]).toBe(-1);
  });
});

describe('arrays of frames', () => {
  it('as many as can be decided on are delivered, and the rest is passed on', () => {
    reported(1);
    engine.receipts.push(Receipt.Deliver, Receipt.Deliver);
    const all = [frame(2), frame(3), frame(5), frame(6)];
    const calls = receive(all);
    const heads = calls.filter(([method]) => method === 'receiveHead');
    expect(heads.map(([, , , seq, size, inArray]) => [seq, size, inArray])).toEqual([
      [2, units(all), true],
      [3, 0, true],
      [5, 0, true],
    ]);
    expect(calls.at(-1)).toEqual(['receiveValue', SOCKET, [frame(5), frame(6)], 0]);
    expect(received.mock.calls.map(([{ n }]) => n)).toEqual([2, 3]);
  });

  it('an array of which nothing can be decided on is passed on whole', () => {
    expect(receive([1, frame(2)])).toEqual([
      ['receiveValue', SOCKET, [1, frame(2)], units([1, frame(2)])],
    ]);
    expect(receive([])).toEqual([['receiveValue', SOCKET, [], 2]]);
  });

  it('nothing more is delivered once a callback has destroyed the client', () => {
    reported(1);
    engine.receipts.push(Receipt.DeliverThenRun, Receipt.Deliver);
    received.mockImplementation(() => client.destroy());
    const calls = receive([frame(2), frame(3)]).map(([method]) => method);
    expect(calls).not.toContain('poll');
    expect(calls).not.toContain('receiveValue');
    expect(received).toHaveBeenCalledTimes(1);
  });
});

describe('without positions', () => {
  it('the frame itself is the payload, and its own type the event', () => {
    engine.receipts.push(Receipt.Deliver, Receipt.Deliver);
    const value = { type: 'bid', channel: 'feed', price: 5 };
    receive(value);
    receive({ ...value, event: 'sold' });
    expect(received.mock.calls.map(([payload, { event }]) => [payload, event])).toEqual([
      [value, 'bid'],
      [{ ...value, event: 'sold' }, 'sold'],
    ]);
    expect(engine.of('receiveHead')[0]?.[2]).toBe(-1);
  });
});

describe('Phoenix', () => {
  const receiveItems = (items: unknown) => receive(items, FrameShape.Items).map(([name]) => name);

  it('a message to all members is decided on', () => {
    engine.receipts.push(Receipt.Deliver);
    expect(receiveItems([null, null, 'feed', 'chat', { n: 1 }])).toEqual(['receiveHead']);
    expect(received.mock.calls).toEqual([[{ n: 1 }, expect.objectContaining({ event: 'chat' })]]);
  });

  it.each([
    [['1', null, 'feed', 'chat', {}]],
    [[null, '1', 'feed', 'chat', {}]],
    [[null, null, 'feed', 'phx_error', {}]],
    [[null, null, 'feed', 'presence_diff', {}]],
    [[null, null, 'other', 'chat', {}]],
    [[null, null, 'feed', 'chat']],
    [[null, null, 'feed', 5, {}]],
    [{ topic: 'feed' }],
  ])('%j is passed on', (items) => {
    expect(receiveItems(items)).toEqual(['receiveValue']);
  });
});

describe('what is not parsed here', () => {
  it('a binary message', () => {
    const bytes = new ArrayBuffer(2);
    expect(receive(bytes)).toEqual([['receiveData', SOCKET, bytes]]);
  });

  it('a text that is not JSON', () => {
    const listener = engine.sink(Kind.MessageListener, SOCKET, FrameShape.Members);
    listener?.({ data: '{' });
    expect(engine.of('receiveData')).toEqual([[SOCKET, '{']]);
  });

  it('a text that may be too large', () => {
    const parse = vi.spyOn(JSON, 'parse');
    const listener = engine.sink(Kind.MessageListener, SOCKET, FrameShape.Members);
    const text = '1'.repeat(MAX_FRAME_BYTES / 3 + 1);
    listener?.({ data: text });
    expect(parse).not.toHaveBeenCalled();
    expect(engine.of('receiveData')).toEqual([[SOCKET, text]]);
    client.configure({ maxFrameBytes: 6 });
    listener?.({ data: '123' });
    expect(engine.of('receiveData').at(-1)).toEqual([SOCKET, '123']);
  });

  it('a protocol of which the engine has to read every frame', () => {
    expect(receive(frame(1), FrameShape.Opaque)).toEqual([
      ['receiveData', SOCKET, JSON.stringify(frame(1))],
    ]);
  });

  it('a value that is no object', () => {
    for (const value of [null, 5, 'text', true]) {
      expect(receive(value)).toEqual([['receiveValue', SOCKET, value, units(value)]]);
    }
  });
});

describe('subscribers', () => {
  it('one that a callback removes receives nothing more, one that it adds the next message', () => {
    const removed = vi.fn();
    const added = vi.fn();
    received.mockImplementationOnce(() => {
      leave();
      client.subscribe('feed', {}, added);
    });
    const leave = client.subscribe('feed', {}, removed);
    engine.receipts.push(Receipt.Deliver, Receipt.Deliver);
    receive({ channel: 'feed', n: 1 });
    expect([removed, added].map((callback) => callback.mock.calls.length)).toEqual([0, 0]);
    receive({ channel: 'feed', n: 2 });
    expect([removed, added].map((callback) => callback.mock.calls.length)).toEqual([0, 1]);
  });

  it('an exception of one is reported, and does not affect the others', () => {
    const other = vi.fn();
    const errors = vi.fn();
    client.on('error', errors);
    client.subscribe('feed', {}, other);
    received.mockImplementation(() => {
      throw Error('mine');
    });
    engine.receipts.push(Receipt.Deliver);
    receive({ channel: 'feed' });
    expect(other).toHaveBeenCalledTimes(1);
    expect(errors.mock.calls[0]?.[0]).toMatchObject({ code: 'callback_failed' });
  });

  it('a handle receives the event and then all of them', () => {
    const seen: string[] = [];
    const handle = client.channel('feed');
    handle.on('*', () => seen.push('*'));
    handle.on('chat', () => seen.push('chat'));
    engine.receipts.push(Receipt.Deliver);
    receive({ channel: 'feed', event: 'chat' });
    expect(seen).toEqual(['chat', '*']);
  });
});

it('a render tick caused by a callback follows when all subscribers have the message', () => {
  const order: string[] = [];
  received.mockImplementation(() => {
    // What the engine reports while it handles a call of the callback.
    engine.sink(Kind.RenderTick, 0);
    order.push('first');
  });
  client.subscribe('feed', {}, () => order.push('second'));
  client.on('batch', () => order.push('tick'));
  engine.receipts.push(Receipt.DeliverThenRun, Receipt.Deliver);
  receive({ channel: 'feed' });
  expect(order).toEqual(['first', 'second', 'tick']);
  engine.sink(Kind.RenderTick, 0);
  expect(order).toHaveLength(4);
});

it('a channel that was opened for a send has its name once it is subscribed to', () => {
  const opened = 9;
  engine.channels.set('room', opened);
  const joining = CHANNEL_STATES.indexOf('joining');
  engine.sink(Kind.Channel, opened, joining, 0, undefined, codeOf('joining'));
  const inRoom = vi.fn();
  client.subscribe('room', {}, inRoom);
  engine.receipts.push(Receipt.Deliver);
  receive([null, null, 'room', 'chat', 1], FrameShape.Items);
  expect(inRoom.mock.calls).toEqual([[1, expect.objectContaining({ channel: 'room' })]]);
});

it('a report on another channel during a subscription does not take its name', () => {
  const opened = 9;
  page.double.beforeEachCall((method) => {
    if (method !== 'subscribe') return;
    const joining = CHANNEL_STATES.indexOf('joining');
    engine.sink(Kind.Channel, opened, joining, 0, undefined, codeOf('joining'));
  });
  client.subscribe('feed', {});
  page.double.beforeEachCall(() => {});
  engine.receipts.push(Receipt.Deliver);
  receive({ channel: 'feed' });
  expect(engine.of('receiveHead')[0]?.[1]).toBe(engine.channels.get('feed'));
  expect(received).toHaveBeenCalledTimes(1);
});

describe('own ids', () => {
  /** Sends so many messages, and returns their ids. */
  const send = (count: number): string[] =>
    Array.from({ length: count }, () => client.send('feed', 1, { ack: false }).id);

  const settle = (): void => {
    for (const [number] of engine.of('send')) engine.sink(Kind.Send, number as number, ACKED);
  };

  const isAsked = (id: string): boolean =>
    receive(frame(2, { id })).some(([method]) => method === 'receiveHead');

  it('the latest are known that the engine knows, though all were settled at once', () => {
    reported(1);
    const ids = send(300);
    settle();
    ids.push(...send(3));
    expect(ids.slice(-MAX_OWN_IDS).filter(isAsked)).toEqual([]);
  });

  it('those of settled sends are dropped after some time, those of others are not', () => {
    reported(1);
    const [settled = ''] = send(1);
    settle();
    const [pending = ''] = send(1);
    for (let sent = 0; sent < 3; sent++) send(MAX_OWN_IDS);
    expect([settled, pending].map(isAsked)).toEqual([true, false]);
  });

  it('presence has none', () => {
    reported(1);
    const [id = ''] = send(1);
    settle();
    const { presence } = client.channel('feed');
    for (let update = 0; update < 3 * MAX_OWN_IDS; update++) presence.track({ update });
    expect(isAsked(id)).toBe(false);
  });
});

it('a trap while a head is decided on replaces the engine', async () => {
  const next = page.double.nextEngine();
  page.double.beforeEachCall((method) => {
    if (method === 'receiveHead') throw new WebAssembly.RuntimeError('unreachable');
  });
  client.on('error', () => {});
  receive({ channel: 'feed' });
  page.double.beforeEachCall(() => {});
  const replaced = await next;
  expect(replaced.of('subscribe')).toHaveLength(1);
  expect(received).not.toHaveBeenCalled();
});
