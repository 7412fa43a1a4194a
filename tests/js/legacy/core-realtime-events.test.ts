/** The older emitter: its listeners are called in microtasks. */
import { expect, it, vi } from 'vitest';
import { EventEmitter } from '../../../pkg-template/src/legacy/core-realtime/index.js';

const microtask = () => new Promise<void>((resolve) => queueMicrotask(resolve));

it('delivers in microtasks, in order, to any number of listeners', async () => {
  const emitter = new EventEmitter();
  const received: number[] = [];
  for (let n = 0; n < 12; n++) emitter.on('news', () => received.push(n));
  emitter.emit('news');
  expect(received).toEqual([]);
  await microtask();
  expect(received).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
});

it('delivers every event to the remaining listeners', async () => {
  const emitter = new EventEmitter();
  const [kept, removed] = [vi.fn(), vi.fn()];
  emitter.on('news', kept);
  const off = emitter.on('news', removed);
  expect(emitter.listenerCount('news')).toBe(2);
  off();
  off();
  emitter.off('news', () => {});
  emitter.emit('news', 1, 2);
  emitter.emit('without a listener');
  await microtask();
  expect(kept.mock.calls).toEqual([[1, 2]]);
  expect(removed).not.toHaveBeenCalled();
});

it('a listener that throws is logged and does not affect others', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {});
  const emitter = new EventEmitter();
  const received = vi.fn();
  emitter.on('news', () => {
    throw Error('no');
  });
  emitter.on('news', received);
  emitter.emit('news');
  await microtask();
  expect(received).toHaveBeenCalledOnce();
  expect(log).toHaveBeenCalledOnce();
  log.mockRestore();
});

it('lists its events until their listeners are removed', () => {
  const emitter = new EventEmitter();
  emitter.on('a', () => {});
  emitter.on('b', () => {});
  expect(emitter.eventNames()).toEqual(['a', 'b']);
  emitter.removeAllListeners('a');
  expect(emitter.eventNames()).toEqual(['b']);
  emitter.removeAllListeners();
  expect(emitter.eventNames()).toEqual([]);
});
