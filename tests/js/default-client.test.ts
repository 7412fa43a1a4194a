/** The default client, its older names, and several copies of the package on a page. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { freshPage, type Page, report } from './page.js';

let page: Page;
beforeEach(async () => {
  page = await freshPage();
});

it('useRealtimeChannel subscribes on it and can be called anywhere', async () => {
  const received = vi.fn();
  const started = page.double.nextEngine();
  const unsubscribe = page.useRealtimeChannel<number>('a', {}, received);
  const engine = await started;
  report(engine).message('a', 1);
  expect(received).toHaveBeenCalledOnce();
  expect(page.channelRegistry.getChannelStats().totalChannels).toBe(1);
  unsubscribe();
  expect(engine.of('unsubscribe')).toHaveLength(1);
});

it('the default client can be configured before and after its first use', async () => {
  page.realtimeClient.configure({ lingerMs: 1 });
  const started = page.double.nextEngine();
  page.realtimeClient.subscribe('a', {});
  const engine = await started;
  expect(engine.options).toMatchObject({ lingerMs: 1 });
  page.realtimeClient.configure({ maxChannels: 2 });
  expect(engine.of('configure')).toEqual([
    [
      {
        lingerMs: 1,
        maxChannels: 2,
        inflates: true,
        address: 'ws://localhost:3000/',
      },
      false,
    ],
  ]);
});

it('two copies of the package share the default client, but no created client', async () => {
  vi.resetModules();
  const copy = await import('../../pkg-template/src/index.js');
  expect(copy.realtimeClient).not.toBe(page.realtimeClient);
  const states: string[] = [];
  copy.realtimeClient.on('state', (state) => states.push(state));
  page.realtimeClient.subscribe('a', {});
  expect(states).toEqual(['connecting']);
  expect(copy.realtimeClient.getSnapshot()).toBe(page.realtimeClient.getSnapshot());
  expect(copy.createRealtimeClient().state).toBe('idle');
});

it('methods of the default client can be spied on and detached', () => {
  const spy = vi.spyOn(page.realtimeClient, 'disconnect');
  page.realtimeClient.disconnect();
  expect(spy).toHaveBeenCalledOnce();
  const { getState, getSnapshot } = page.realtimeClient;
  expect(getState()).toBe('disconnected');
  expect(getSnapshot()).toBe(getSnapshot());
});

describe('channelManager', () => {
  it('returns channels with the older methods', async () => {
    const channel = page.channelManager.getChannel({ name: 'room', ack: true });
    const [note, errors] = [vi.fn(), vi.fn()];
    channel.on('note', note);
    channel.onError(errors);
    expect(channel.getState()).toEqual({
      isConnected: false,
      isSubscribed: false,
      isSubscribing: false,
      error: null,
    });
    const started = page.double.nextEngine();
    channel.subscribe();
    channel.subscribe();
    const engine = await started;
    expect(engine.of('subscribe')).toHaveLength(1);
    expect(channel.getState()).toMatchObject({ isSubscribing: true });
    report(engine).channel('room', 'ready', 'fresh');
    expect(channel.getState()).toMatchObject({ isSubscribed: true, isSubscribing: false });
    report(engine).message('room', { type: 'note', text: 'hi' });
    report(engine).message('room', { type: 'other' });
    report(engine).message('room', null);
    expect(note).toHaveBeenCalledExactlyOnceWith({ type: 'note', text: 'hi' });

    const fault = Error('mine');
    channel.on('bad', () => {
      throw fault;
    });
    report(engine).message('room', { type: 'bad' });
    expect(errors).toHaveBeenCalledExactlyOnceWith(fault);

    const sent = channel.send({ type: 'note' });
    report(engine).send(engine.of('send')[0]?.[0], 'acked', { confirmed: true });
    await expect(sent).resolves.toEqual({ confirmed: true });
    await expect(channel.send(1n)).rejects.toMatchObject({ code: 'invalid_argument' });

    channel.unsubscribe();
    channel.unsubscribe();
    expect(engine.of('unsubscribe')).toHaveLength(1);
    report(engine).message('room', { type: 'note' });
    expect(note).toHaveBeenCalledOnce();
  });
});
