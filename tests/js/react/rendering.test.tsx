/** The hooks: rendered on a server, hydrated, in Suspense and in transitions. */
import { act, StrictMode, Suspense, startTransition, useState } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { beforeEach, expect, it, vi } from 'vitest';
import { report } from '../page.js';
import { freshStage, happen, members, mount, reactWarnings, type Stage } from './stage.js';

let stage: Stage;

/** The calls of the engine, without those that only read. */
const actions = () => stage.engine.calls.filter(([method]) => method !== 'peekCollection');

/** Delivers a message, as the engine, and ends the batch. */
const deliver = (message: unknown): void => {
  report(stage.engine).message('news', message);
  report(stage.engine).batch();
};

beforeEach(async () => {
  stage = await freshStage();
});

/** Every hook there is. */
function Everything() {
  const { state, quality, isConnected } = stage.useConnection();
  const { items, isLoading } = stage.useCollection<{ id: string }>('notes', { load: () => [] });
  const { messages, continuity } = stage.useMessages<string>('news');
  const last = stage.useLastMessage<string>('news');
  const { present } = stage.usePresence('room', { mood: 'fine' });
  const { who } = stage.useTyping('room');
  const { subscriberCount } = stage.useMetrics();
  const isOnline = stage.useOnlineStatus();
  stage.useRealtimeChannel('news', {}, () => {});
  const facts = { isConnected, isLoading, isOnline, subscriberCount, state, quality, continuity };
  return (
    <p>
      {JSON.stringify(facts)} {items.length} {messages.length} {last?.message} {present.size}{' '}
      {who.length}
    </p>
  );
}

it('renders the initial state on a server, and is hydrated without a warning', async () => {
  await happen(() => report(stage.engine).state('ready'));
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  const warned = reactWarnings();
  const page = (
    <StrictMode>
      <stage.RealtimeProvider client={stage.realtimeClient}>
        <Everything />
      </stage.RealtimeProvider>
    </StrictMode>
  );
  const calls = actions().length;
  const html = renderToString(page);
  expect(actions()).toHaveLength(calls);
  const idle = { isConnected: false, isLoading: true, isOnline: true, subscriberCount: 0 };
  const shown = JSON.stringify({ ...idle, state: 'idle', quality: 'offline', continuity: 'fresh' });
  const element = document.createElement('div');
  element.innerHTML = html;
  expect(element.textContent).toContain(shown);
  const recovered = vi.fn();
  const root = await act(async () => hydrateRoot(element, page, { onRecoverableError: recovered }));
  expect(element.textContent).toContain('"isConnected":true');
  expect(element.textContent).toContain('"isOnline":false');
  expect(recovered).not.toHaveBeenCalled();
  expect(warned).not.toHaveBeenCalled();
  await act(async () => root.unmount());
  for (const channel of ['news', 'notes', 'room']) {
    expect(members(stage.engine, channel)).toEqual([]);
  }
});

it('unmounting during reports leaves no subscription or listener, and causes no warning', async () => {
  const warned = reactWarnings();
  const { realtimeClient: client } = stage;
  const listeners = new Set<symbol>();
  const { on } = client;
  vi.spyOn(client, 'on').mockImplementation((event, listener) => {
    const own = Symbol(event);
    const off = on(event, listener);
    listeners.add(own);
    return () => {
      listeners.delete(own);
      off();
    };
  });
  const mounted = await mount(<Everything />);
  expect(listeners.size).toBeGreaterThan(0);
  const [number] = stage.engine.of('openCollection')[0] ?? [];
  await mounted.unmount(() => {
    deliver('a');
    report(stage.engine).collection(number, { rows: [{ id: '1' }] });
  });
  deliver('b');
  report(stage.engine).state('ready');
  await happen();
  for (const channel of ['news', 'notes', 'room']) {
    expect(members(stage.engine, channel)).toEqual([]);
  }
  expect(listeners).toEqual(new Set());
  expect(warned).not.toHaveBeenCalled();
});

it('after mounting and unmounting 1,000 times no subscription remains', async () => {
  for (let turn = 0; turn < 1_000; turn++) await (await mount(<Everything />)).unmount();
  for (const channel of ['news', 'notes', 'room']) {
    expect(members(stage.engine, channel)).toEqual([]);
  }
}, 60_000);

/** Suspends until it is resumed. */
function gate() {
  let open = (): void => {};
  let isOpen = false;
  const opened = new Promise<void>((resolve) => {
    open = () => {
      isOpen = true;
      resolve();
    };
  });
  function Gate() {
    if (!isOpen) throw opened;
    return <>through </>;
  }
  return { Gate, open: () => act(async () => open()) };
}

function Count() {
  return <>{stage.useMessages('news').messages.length} messages</>;
}

it('Suspense: a suspended render subscribes to nothing, a completed one once', async () => {
  const { Gate, open } = gate();
  const mounted = await mount(
    <Suspense fallback="waiting">
      <Count />
      <Gate />
    </Suspense>,
  );
  expect(mounted.text).toBe('waiting');
  expect(members(stage.engine, 'news')).toEqual([]);
  await open();
  expect(members(stage.engine, 'news')).toHaveLength(1);
  await happen(() => deliver(1));
  expect(mounted.text).toBe('1 messagesthrough ');
});

it('Suspense: a hidden component keeps receiving', async () => {
  const { Gate, open } = gate();
  const page = (waits: boolean) => (
    <Suspense fallback="waiting">
      <Count />
      {waits && <Gate />}
    </Suspense>
  );
  const mounted = await mount(page(false));
  await mounted.render(page(true));
  expect(mounted.text).toContain('waiting');
  await happen(() => deliver(1));
  await open();
  expect(mounted.text).toBe('1 messagesthrough ');
  expect(stage.engine.of('subscribe').filter(([, name]) => name === 'news')).toHaveLength(1);
});

it('transitions: a message received meanwhile is shown by all components alike', async () => {
  const { Gate, open } = gate();
  const go: { on?: () => void } = {};
  function Page() {
    const [isNext, setNext] = useState(false);
    go.on = () => startTransition(() => setNext(true));
    return (
      <Suspense fallback="waiting ">
        <Count /> <Count /> {isNext && <Gate />}
      </Suspense>
    );
  }
  const mounted = await mount(<Page />);
  await happen(() => go.on?.());
  expect(mounted.text).toBe('0 messages 0 messages ');
  await happen(() => deliver(1));
  await open();
  expect(mounted.text).toBe('1 messages 1 messages through ');
  expect(members(stage.engine, 'news')).toHaveLength(2);
});
