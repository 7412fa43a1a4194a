/** A change of the user: the former user's data is gone when `setToken` returns. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Kind } from '../../pkg-template/src/generated/engine.js';
import { type EngineDouble, freshPage, type Page, report } from './page.js';

interface Note {
  id: string;
}

let page: Page;
let client: ReturnType<Page['createRealtimeClient']>;
let engine: EngineDouble;

const tokenOf = (user: string): string => `.${btoa(JSON.stringify({ sub: user }))}.`;

/** The next user after `ann`. */
const OTHERS = [
  ['another user', tokenOf('bob')],
  ['no user', null],
] as const;

const note: Note = { id: '1' };

/** The number of the collection opened last. */
const opened = (on: EngineDouble): unknown => on.of('openCollection').at(-1)?.[0];

beforeEach(async () => {
  page = await freshPage();
  client = page.createRealtimeClient();
  client.on('error', () => {});
  const started = page.double.nextEngine();
  client.subscribe('base', {});
  engine = await started;
  report(engine).state('ready');
  client.setToken(tokenOf('ann'));
});

describe.each(OTHERS)('setToken of %s', (_, token) => {
  it('leaves no rows, pending changes or presence, and reports the change', () => {
    const notes = client.collection<Note>('room', {});
    const { presence } = client.channel('room');
    notes.update('1', {});
    report(engine).collection(opened(engine), {
      rows: [note],
      pending: [[engine.of('mutate')[0]?.[1], '1']],
    });
    report(engine).presence('room', ['join', 'ann', [{}], [{}]]);
    expect([notes.items, notes.pending, presence.state.size]).toMatchObject([[note], [{}], 1]);
    const events: string[] = [];
    notes.on('change', ({ items }) => events.push(`change to ${items.length}`));
    presence.on('leave', (key) => events.push(`leave of ${key}`));
    client.on('channel', ({ reason }) => events.push(reason));
    // As the engine does within the call.
    page.double.beforeEachCall((method) => {
      if (method !== 'setToken') return;
      report(engine).presence('room', ['leave', 'ann', [], [{}]]);
      report(engine).collection(opened(engine), { status: 'loading' });
      report(engine).channel('room', 'joining', 'fresh', undefined, 'identity_changed');
    });
    client.setToken(token);
    expect(notes.items).toEqual([]);
    expect(notes.get('1')).toBeUndefined();
    expect(notes.pending).toEqual([]);
    expect(presence.state.size).toBe(0);
    expect(events).toEqual(['leave of ann', 'change to 0', 'identity_changed']);
  });

  it('leaves no rows of an engine that was replaced and could not load since', async () => {
    const notes = client.collection<Note>('room', {});
    report(engine).collection(opened(engine), { rows: [note] });
    page.double.beforeEachCall((method) => {
      page.double.beforeEachCall(() => {});
      if (method === 'metrics') throw new WebAssembly.RuntimeError('unreachable');
    });
    const next = page.double.nextEngine();
    client.getMetrics();
    const second = await next;
    report(second).collection(opened(second), { status: 'loading' });
    expect(notes.items).toEqual([note]);
    const changed = vi.fn();
    notes.on('change', changed);
    client.setToken(token);
    expect(notes.items).toEqual([]);
    expect(notes.get('1')).toBeUndefined();
    expect(changed).toHaveBeenCalledOnce();
    report(second).collection(opened(second), { rows: [{ id: '2' }] });
    expect(notes.items).toEqual([{ id: '2' }]);
  });
});

describe('an answer of getToken that names no other user leaves the rows of a replaced engine', () => {
  /** Replaces the engine by another one, which requests the token of `request`. */
  async function replaced(getToken: () => Promise<string>, request: 'before' | 'after') {
    client.configure({ getToken });
    const notes = client.collection<Note>('room', {});
    report(engine).collection(opened(engine), { rows: [note] });
    if (request === 'before') engine.sink(Kind.TokenRequest, 1);
    page.double.beforeEachCall((method) => {
      page.double.beforeEachCall(() => {});
      if (method === 'metrics') throw new WebAssembly.RuntimeError('unreachable');
    });
    const next = page.double.nextEngine();
    client.getMetrics();
    const second = await next;
    report(second).collection(opened(second), { status: 'loading' });
    if (request === 'after') second.sink(Kind.TokenRequest, 1);
    return { notes, second };
  }

  it('that is not a token', async () => {
    const { notes, second } = await replaced(async () => 7 as never, 'after');
    await vi.waitUntil(() => second.of('answerToken').length);
    expect(notes.items).toEqual([note]);
  });

  it('that was requested by the former engine', async () => {
    let answer = (_: string): void => {};
    const token = new Promise<string>((resolve) => {
      answer = resolve;
    });
    const { notes, second } = await replaced(() => token, 'before');
    answer(tokenOf('ann'));
    // All continuations of the promise run before the next task.
    await new Promise((resolve) => setTimeout(resolve));
    expect(second.of('answerToken')).toEqual([]);
    client.setToken(tokenOf('ann'));
    expect(notes.items).toEqual([note]);
  });
});

it('a fresh token of the same user changes nothing', async () => {
  const notes = client.collection<Note>('room', {});
  report(engine).collection(opened(engine), { rows: [note] });
  client.setToken(tokenOf('ann'));
  expect(notes.items).toEqual([note]);
});
