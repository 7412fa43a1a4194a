/** An engine that traps is replaced, and what can be kept is kept. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type EngineDouble, freshPage, type Page, say } from './page.js';

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
  say(engine).state('ready');
});

/** Makes the next call of `method` trap. */
function trapOnce(method: string, trap: Error = new WebAssembly.RuntimeError('unreachable')): void {
  let armed = true;
  page.double.beforeEachCall((called) => {
    if (!armed || called !== method) return;
    armed = false;
    throw trap;
  });
}

/** The engine that comes after the present one traps. */
async function replaced(): Promise<EngineDouble> {
  trapOnce('metrics');
  const next = page.double.nextEngine();
  client.getMetrics();
  return next;
}

it.each([
  ['a trap', new WebAssembly.RuntimeError('unreachable')],
  ['a stack overflow', new RangeError('Maximum call stack size exceeded')],
])('after %s subscriptions live on with a fresh engine', async (_, trap) => {
  const got = vi.fn();
  const states: unknown[] = [];
  client.subscribe('a', { params: { x: 1 } }, got);
  client.setToken('secret');
  client.on('state', (state, { reason }) => states.push([state, reason]));
  trapOnce('metrics', trap);
  const next = page.double.nextEngine();
  expect(client.getMetrics()).toMatchObject({ messagesReceived: 0 });
  const second = await next;
  expect(page.double.resets).toBe(1);
  expect(second.calls[0]).toEqual(['setToken', 'secret', undefined, undefined]);
  expect(second.of('subscribe').map(([, channel, options]) => [channel, options])).toEqual([
    ['base', {}],
    ['a', { params: { x: 1 } }],
  ]);
  say(engine).message('a', 'from the grave');
  say(second).state('ready');
  say(second).message('a', 'alive');
  expect(got.mock.calls.map(([message]) => message)).toEqual(['alive']);
  expect(states).toEqual([
    ['connecting', 'engine_failed'],
    ['ready', 'demand'],
  ]);
  expect(client.error).toBeNull();
});

it('sends never transmitted carry over in order, transmitted ones fail', async () => {
  const [sent, queued, later] = [client.send('a', 1), client.send('a', 2), client.send('b', 3)];
  say(engine).send(engine.of('send')[0]?.[0], 'sent');
  trapOnce('connect');
  const next = page.double.nextEngine();
  client.connect();
  const second = await next;
  await expect(sent.acked).rejects.toMatchObject({ code: 'engine_failed' });
  expect(second.of('send').map(([, , , id]) => id)).toEqual([queued.id, later.id]);
  expect([queued.status, later.status]).toEqual(['queued', 'queued']);
  expect(second.calls.at(-1)).toEqual(['connect']);
});

it('channels say that they may have lost something, until they are left', async () => {
  const [gap, onGap] = [vi.fn(), vi.fn()];
  client.on('gap', gap);
  const handle = client.channel('a', { onGap });
  trapOnce('metrics');
  const next = page.double.nextEngine();
  client.getMetrics();
  const second = await next;
  expect(onGap).toHaveBeenCalledExactlyOnceWith({ channel: 'a' });
  expect(gap.mock.calls.map(([{ channel }]) => channel)).toEqual(['base', 'a']);
  say(second).channel('a', 'ready', 'fresh');
  expect(handle).toMatchObject({ state: 'ready', continuity: 'gap' });
  say(second).channel('a', 'left', 'fresh');
  say(second).channel('a', 'ready', 'fresh');
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

it('a disconnect that still holds is told to the next engine', async () => {
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

it('a trap inside a callback’s call leaves the other callbacks unharmed', async () => {
  const second = vi.fn();
  client.subscribe('a', {}, () => client.send('a', 'boom'));
  client.subscribe('a', {}, second);
  trapOnce('send');
  const next = page.double.nextEngine();
  say(engine).message('a', 1);
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

  it('are opened anew, and what was never transmitted carries over', async () => {
    const notes = client.collection<Note>('notes', { load: () => [note] });
    const [sent, waiting] = [notes.insert(note), notes.update('1', { text: 'later' })];
    say(engine).mutation(engine.of('mutate')[0]?.[1], 'sent');
    const gap = vi.fn();
    client.on('gap', gap);
    const second = await replaced();
    await expect(sent.promise).rejects.toMatchObject({ code: 'engine_failed' });
    expect(second.of('openCollection')).toEqual(engine.of('openCollection'));
    expect(second.of('mutate').map(([, , id]) => id)).toEqual([waiting.id]);
    expect(waiting.status).toBe('pending');
    expect(gap).toHaveBeenCalledWith({ channel: 'notes' });
  });

  it('what was asked to be stored counts as transmitted', async () => {
    const persist = vi.fn(() => new Promise<void>(() => {}));
    const notes = client.collection<Note>('notes', { persist });
    const mutation = notes.insert(note);
    const change = { kind: 'insert', key: '1', row: note, mutation: `${mutation.id}~1` };
    say(engine).ask(opened(engine), 'Persist', 1, change);
    const second = await replaced();
    await expect(mutation.promise).rejects.toMatchObject({ code: 'engine_failed' });
    expect(second.of('mutate')).toEqual([]);
  });

  it('show what they showed until the next engine has rows', async () => {
    const notes = client.collection<Note>('notes', { load: () => [note] });
    say(engine).collection(opened(engine), { rows: [note] });
    const { items } = notes;
    const second = await replaced();
    expect(notes).toMatchObject({ isLoading: true, continuity: 'gap' });
    say(second).collection(opened(second), { status: 'loading' });
    expect(notes.items).toBe(items);
    expect(notes.get('1')).toBe(note);
    say(second).collection(opened(second), {});
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
  const acked = (at: number) => say(engine).send(engine.of('presence')[at]?.[0], 'acked');

  it('that was accepted is said again, as it was last', async () => {
    const room = client.channel('room');
    room.presence.track({ mood: 'fine' }, { key: 'me' });
    room.presence.update({ mood: 'busy' });
    acked(0);
    acked(1);
    say(engine).presence('room', ['join', 'me', [{}], [{}]]);
    const second = await replaced();
    expect(second.of('presence').map((values) => values.slice(1))).toEqual([
      ['room', 0, 'me', '{"mood":"busy"}'],
    ]);
    expect(room.presence.state.size).toBe(0);
  });

  it.each([
    ['was taken back', () => client.channel('room').presence.untrack()],
    ['was of a channel that is left', () => say(engine).channel('room', 'left', 'fresh')],
    ['was another user’s', () => client.setToken(`.${btoa('{"sub":"bob"}')}.`)],
  ])('that %s is not', async (_, end) => {
    client.channel('room').presence.track({});
    acked(0);
    end();
    acked(1);
    expect((await replaced()).of('presence')).toEqual([]);
  });

  it('that was never answered is as lost as any send', async () => {
    const { presence } = client.channel('room');
    const [sent, waiting] = [presence.track({ one: 1 }), presence.update({ two: 2 })];
    say(engine).send(engine.of('presence')[0]?.[0], 'sent');
    const second = await replaced();
    await expect(sent.acked).rejects.toMatchObject({ code: 'engine_failed' });
    expect(second.of('presence').map(([, , action, , text]) => [action, text])).toEqual([
      [1, '{"two":2}'],
    ]);
    expect(waiting.status).toBe('queued');
  });
});

describe('an engine that keeps trapping', () => {
  it('is replaced three times, then the client says so and later calls fail at once', async () => {
    page.double.beforeEachCall((method) => {
      if (method === 'subscribe') throw new WebAssembly.RuntimeError('unreachable');
    });
    const onError = vi.fn();
    const handle = client.channel('poison', { onError });
    await vi.waitFor(() => expect(client.state).toBe('failed'));
    expect(page.double.resets).toBe(3);
    expect(client.error).toMatchObject({
      code: 'engine_failed',
      cause: expect.any(WebAssembly.RuntimeError),
    });
    expect(handle).toMatchObject({ state: 'failed', error: { code: 'engine_failed' } });
    expect(onError).toHaveBeenCalledOnce();
    await expect(client.send('a', 1).acked).rejects.toMatchObject({ code: 'engine_failed' });
  });

  it('while it is made is given up as well', async () => {
    page.double.beforeEachCall((method) => {
      if (method === 'new') throw new WebAssembly.RuntimeError('unreachable');
    });
    const other = page.createRealtimeClient();
    await expect(other.send('a', 1).acked).rejects.toMatchObject({ code: 'engine_failed' });
    expect(page.double.resets).toBe(3);
  });
});
