/** An engine that traps is replaced; subscriptions, queued sends, changes and presence continue. */
import { beforeEach, describe, expect, it, type Mock, vi } from 'vitest';
import type { Channel } from '../../pkg-template/src/index.js';
import { type EngineDouble, freshPage, type Page, report } from './page.js';

let page: Page;
let client: ReturnType<Page['createRealtimeClient']>;
let engine: EngineDouble;

beforeEach(async () => {
  page = await freshPage();
  client = page.createRealtimeClient();
  client.on('error', () => {});
  const started = page.double.nextEngine();
  client.subscribe('base', {});
  engine = await started;
  report(engine).state('ready');
});

/** Makes the next call of `method` trap. */
function trapOnce(
  method: string,
  trap: unknown = new WebAssembly.RuntimeError('unreachable'),
): void {
  let armed = true;
  page.double.beforeEachCall((called) => {
    if (!armed || called !== method) return;
    armed = false;
    throw trap;
  });
}

/** Makes the current engine trap; resolves with the next one. */
async function replaced(): Promise<EngineDouble> {
  trapOnce('metrics');
  const next = page.double.nextEngine();
  client.getMetrics();
  return next;
}

it.each([
  ['a trap', new WebAssembly.RuntimeError('unreachable')],
  ['a stack overflow', new RangeError('Maximum call stack size exceeded')],
  ['an error of the app’s that passed through it', new TypeError('boom')],
  ['a value that is no error', null],
])('after %s subscriptions continue with a new engine', async (_, trap) => {
  const received = vi.fn();
  const states: unknown[] = [];
  client.subscribe('a', { params: { x: 1 } }, received);
  client.setToken('secret');
  client.on('state', (state, { reason }) => states.push([state, reason]));
  trapOnce('metrics', trap);
  const next = page.double.nextEngine();
  expect(client.getMetrics()).toMatchObject({ messagesReceived: 0 });
  const second = await next;
  expect(page.double.resets).toBe(1);
  expect(second.calls[0]).toEqual(['setToken', 'secret']);
  expect(second.of('subscribe').map(([, channel, options]) => [channel, options])).toEqual([
    ['base', {}],
    ['a', { params: { x: 1 } }],
  ]);
  report(engine).message('a', 'from the former engine');
  report(second).state('ready');
  report(second).message('a', 'from the new engine');
  expect(received.mock.calls.map(([message]) => message)).toEqual(['from the new engine']);
  expect(states).toEqual([
    ['connecting', 'engine_failed'],
    ['ready', 'demand'],
  ]);
  expect(client.error).toBeNull();
});

it('sends that were not transmitted are replayed in order, transmitted ones fail', async () => {
  const [sent, queued, later] = [client.send('a', 1), client.send('a', 2), client.send('b', 3)];
  report(engine).send(engine.of('send')[0]?.[0], 'sent');
  trapOnce('connect');
  const next = page.double.nextEngine();
  client.connect();
  const second = await next;
  await expect(sent.acked).rejects.toMatchObject({ code: 'engine_failed' });
  expect(second.of('send').map(([, , , id]) => id)).toEqual([queued.id, later.id]);
  expect([queued.status, later.status]).toEqual(['queued', 'queued']);
  // The messages are sent at the end of the task.
  expect(second.calls.slice(-2)).toEqual([['connect'], ['poll']]);
});

it('sends of a former user are not replayed on the next engine', async () => {
  const tokenOf = (user: string) => `.${btoa(JSON.stringify({ sub: user }))}.`;
  client.setToken(tokenOf('ann'));
  const former = client.send('a', 1);
  trapOnce('setToken');
  const next = page.double.nextEngine();
  client.setToken(tokenOf('bob'));
  const own = client.send('a', 2);
  const second = await next;
  await expect(former.acked).rejects.toMatchObject({ code: 'engine_failed' });
  expect(second.of('send').map(([, , , id]) => id)).toEqual([own.id]);
});

it('channels report that they may have lost messages, until they are left', async () => {
  const [gap, onGap] = [vi.fn(), vi.fn()];
  client.on('gap', gap);
  const handle = client.channel('a', { onGap });
  trapOnce('metrics');
  const next = page.double.nextEngine();
  client.getMetrics();
  const second = await next;
  expect(onGap).toHaveBeenCalledExactlyOnceWith({ channel: 'a' });
  expect(gap.mock.calls.map(([{ channel }]) => channel)).toEqual(['base', 'a']);
  report(second).channel('a', 'ready', 'fresh');
  expect(handle).toMatchObject({ state: 'ready', continuity: 'gap' });
  report(second).channel('a', 'left', 'fresh');
  report(second).channel('a', 'ready', 'fresh');
  expect(client.channel('a').continuity).toBe('fresh');
});

it('calls made while it is replaced are not lost', async () => {
  trapOnce('metrics');
  const next = page.double.nextEngine();
  client.getMetrics();
  const sent = client.send('a', 1);
  const unsubscribe = client.subscribe('short', {});
  client.subscribe('kept', {});
  unsubscribe();
  const second = await next;
  expect(second.of('subscribe').map(([, channel]) => channel)).toEqual(['base', 'kept']);
  expect(second.of('send').map(([, , , id]) => id)).toEqual([sent.id]);
});

it('a disconnect that is in effect is replayed on the next engine', async () => {
  client.disconnect();
  trapOnce('metrics');
  const next = page.double.nextEngine();
  client.getMetrics();
  expect((await next).calls.map(([method]) => method)).toEqual(['subscribe', 'disconnect']);
});

it('all clients of the page get another engine: they share one instance', async () => {
  const other = page.createRealtimeClient();
  other.on('error', () => {});
  const started = page.double.nextEngine();
  other.subscribe('theirs', {});
  await started;
  trapOnce('metrics');
  client.getMetrics();
  await vi.waitFor(() => expect(page.double.engines).toHaveLength(4));
  expect(page.double.resets).toBe(1);
  expect(page.double.engines.slice(2).map((engine) => engine.of('subscribe')[0]?.[1])).toEqual([
    'base',
    'theirs',
  ]);
});

it('a trap inside a callback’s call does not affect the other callbacks', async () => {
  const second = vi.fn();
  client.subscribe('a', {}, () => client.send('a', 'boom'));
  client.subscribe('a', {}, second);
  trapOnce('send');
  const next = page.double.nextEngine();
  report(engine).message('a', 1);
  expect(second).toHaveBeenCalledOnce();
  expect((await next).of('send')).toHaveLength(1);
});

describe('collections', () => {
  interface Note {
    id: string;
    text: string;
  }
  const note: Note = { id: '1', text: 'first' };
  const opened = (on: EngineDouble) => on.of('openCollection').at(-1)?.[0];

  it('are opened again, and changes that were never transmitted are replayed', async () => {
    const notes = client.collection<Note>('notes', { load: () => [note] });
    const [sent, waiting] = [notes.insert(note), notes.update('1', { text: 'later' })];
    report(engine).mutation(engine.of('mutate')[0]?.[1], 'sent');
    const gap = vi.fn();
    client.on('gap', gap);
    const second = await replaced();
    await expect(sent.promise).rejects.toMatchObject({ code: 'engine_failed' });
    expect(second.of('openCollection')).toEqual(engine.of('openCollection'));
    expect(second.of('mutate').map(([, , id]) => id)).toEqual([waiting.id]);
    expect(waiting.status).toBe('pending');
    expect(gap).toHaveBeenCalledWith({ channel: 'notes' });
  });

  it('a change passed to persist counts as transmitted', async () => {
    const persist = vi.fn(() => new Promise<void>(() => {}));
    const notes = client.collection<Note>('notes', { persist });
    const mutation = notes.insert(note);
    const change = { kind: 'insert', key: '1', row: note };
    const number = engine.of('mutate')[0]?.[1];
    report(engine).request(opened(engine), 'Persist', 1, change, `${mutation.id}~1`, number);
    const second = await replaced();
    await expect(mutation.promise).rejects.toMatchObject({ code: 'engine_failed' });
    expect(second.of('mutate')).toEqual([]);
  });

  it('show what they showed until the next engine has rows', async () => {
    const notes = client.collection<Note>('notes', { load: () => [note] });
    report(engine).collection(opened(engine), { rows: [note] });
    const { items } = notes;
    const second = await replaced();
    expect(notes).toMatchObject({ isLoading: true, continuity: 'gap' });
    report(second).collection(opened(second), { status: 'loading' });
    expect(notes.items).toBe(items);
    expect(notes.get('1')).toBe(note);
    report(second).collection(opened(second), {});
    expect(notes.items).toEqual([]);
    expect(notes.get('1')).toBeUndefined();
  });

  it('released while it is replaced stay closed', async () => {
    const notes = client.collection<Note>('notes', {});
    const mutation = notes.insert(note);
    trapOnce('metrics');
    const next = page.double.nextEngine();
    client.getMetrics();
    notes.release();
    const second = await next;
    expect(second.of('openCollection')).toEqual([]);
    await expect(mutation.promise).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('presence', () => {
  const acked = (at: number) => report(engine).send(engine.of('presence')[at]?.[0], 'acked');

  it('that was accepted is tracked again, with the last meta', async () => {
    const room = client.channel('room');
    room.presence.track({ mood: 'fine' }, { key: 'me' });
    room.presence.update({ mood: 'busy' });
    acked(0);
    acked(1);
    report(engine).presence('room', ['join', 'me', [{}], [{}]]);
    const second = await replaced();
    expect(second.of('presence').map((values) => values.slice(1))).toEqual([
      ['room', 0, 'me', '{"mood":"busy"}'],
    ]);
    expect(room.presence.state.size).toBe(0);
  });

  it.each([
    ['was untracked', () => client.channel('room').presence.untrack()],
    ['was of a channel that is left', () => report(engine).channel('room', 'left', 'fresh')],
    ['was another user’s', () => client.setToken(`.${btoa('{"sub":"bob"}')}.`)],
  ])('that %s is not tracked again', async (_, end) => {
    client.channel('room').presence.track({});
    acked(0);
    end();
    acked(1);
    expect((await replaced()).of('presence')).toEqual([]);
  });

  it('that was never answered fails like any send', async () => {
    const { presence } = client.channel('room');
    const [sent, waiting] = [presence.track({ one: 1 }), presence.update({ two: 2 })];
    report(engine).send(engine.of('presence')[0]?.[0], 'sent');
    const second = await replaced();
    await expect(sent.acked).rejects.toMatchObject({ code: 'engine_failed' });
    expect(second.of('presence').map(([, , action, , text]) => [action, text])).toEqual([
      [1, '{"two":2}'],
    ]);
    expect(waiting.status).toBe('queued');
  });
});

describe('an engine that keeps trapping', () => {
  let healthy = false;

  /** Traps at this call until `healthy`. */
  const trapAlways = (method: string): void => {
    healthy = false;
    page.double.beforeEachCall((called) => {
      if (called === method && !healthy) throw new WebAssembly.RuntimeError('unreachable');
    });
  };

  /** A handle whose engines trap until the budget of restarts is exhausted. */
  async function exhausted(): Promise<{ handle: Channel; onError: Mock }> {
    trapAlways('subscribe');
    const onError = vi.fn();
    const handle = client.channel('trapping', { onError });
    await vi.waitFor(() => expect(client.state).toBe('failed'));
    return { handle, onError };
  }

  it('is replaced three times within a minute, then the client reports it and later calls fail at once', async () => {
    const { handle, onError } = await exhausted();
    expect(page.double.engines).toHaveLength(4);
    expect(client.error).toMatchObject({
      code: 'engine_failed',
      retryable: true,
      cause: expect.any(WebAssembly.RuntimeError),
    });
    expect(handle).toMatchObject({ state: 'failed', error: { code: 'engine_failed' } });
    expect(onError).toHaveBeenCalledOnce();
    await expect(client.send('a', 1).acked).rejects.toMatchObject({ code: 'engine_failed' });
    const late = vi.fn();
    client.subscribe('late', { onError: late });
    await vi.waitFor(() => expect(late).toHaveBeenCalledOnce());
    expect(page.double.engines).toHaveLength(4);
  });

  it('restarts at once with connect(), with every subscription and a full budget', async () => {
    const { handle } = await exhausted();
    client.subscribe('late', {});
    healthy = true;
    const next = page.double.nextEngine();
    const connected = client.connect();
    const engine = await next;
    expect(engine.of('subscribe').map(([, channel]) => channel)).toEqual([
      'base',
      'trapping',
      'late',
    ]);
    report(engine).channel('trapping', 'ready', 'fresh');
    report(engine).state('ready');
    await connected;
    expect(handle).toMatchObject({ state: 'ready', continuity: 'gap', error: null });
    trapAlways('metrics');
    client.getMetrics();
    await vi.waitFor(() => expect(page.double.engines).toHaveLength(6));
    expect(client.state).toBe('connecting');
  });

  it('restarts by itself once the first of its traps is a minute ago', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      trapAlways('subscribe');
      client.subscribe('trapping', {});
      await vi.advanceTimersByTimeAsync(59_000);
      expect(client.state).toBe('failed');
      expect(page.double.engines).toHaveLength(4);
      healthy = true;
      const next = page.double.nextEngine();
      await vi.advanceTimersByTimeAsync(1_000);
      expect((await next).of('subscribe').map(([, channel]) => channel)).toEqual([
        'base',
        'trapping',
      ]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is replaced again when its earlier traps are a minute ago', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    try {
      for (let traps = 1; traps <= 10; traps += 1) {
        await replaced();
        expect(page.double.resets).toBe(traps);
        vi.advanceTimersByTime(20_001);
      }
      expect(client.state).not.toBe('failed');
    } finally {
      vi.useRealTimers();
    }
  });

  it('ignores clients that were disconnected or destroyed meanwhile', async () => {
    const other = page.createRealtimeClient();
    other.on('error', () => {});
    other.subscribe('theirs', {});
    await exhausted();
    other.destroy();
    client.disconnect();
    healthy = true;
    const next = page.double.nextEngine();
    const third = page.createRealtimeClient();
    third.connect();
    const engine = await next;
    expect(engine.calls.map(([method]) => method)).toEqual([
      'subscribe',
      'subscribe',
      'disconnect',
    ]);
    expect(other.state).toBe('closed');
  });

  it('that traps in its constructor fails the queued sends', async () => {
    trapAlways('new');
    const other = page.createRealtimeClient();
    await expect(other.send('a', 1).acked).rejects.toMatchObject({ code: 'engine_failed' });
    expect(page.double.engines).toHaveLength(1);
  });
});

describe('a RangeError that the app throws', () => {
  const overflow = (): never => {
    throw new RangeError('Maximum call stack size exceeded');
  };

  it('in a listener, a callback or a function that the engine requests is not a trap', async () => {
    const errors = vi.fn();
    client.on('error', errors);
    client.on('message', overflow);
    client.subscribe('a', { onError: overflow, onGap: overflow }, overflow);
    const notes = client.collection('notes', { load: overflow, key: overflow, sort: overflow });
    notes.on('change', overflow);
    report(engine).message('a', 1);
    report(engine).gap('a', {});
    const opened = engine.of('openCollection').at(-1)?.[0];
    report(engine).collection(opened, { rows: [{ id: '1' }, { id: '2' }] });
    report(engine).request(opened, 'Load', 1);
    report(engine).request(opened, 'Key', 2, {});
    await vi.waitFor(() => expect(engine.of('answerFailed')).toHaveLength(2));
    expect(errors.mock.calls.map(([{ code }]) => code)).toContain('callback_failed');
    expect(page.double.resets).toBe(0);
  });

  it('in an argument is the cause of the error', () => {
    const hostile = {
      get n(): number {
        return overflow();
      },
      toJSON: overflow,
    };
    expect(() => client.send('a', hostile)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', cause: expect.any(RangeError) }),
    );
    expect(page.double.resets).toBe(0);
  });
});
