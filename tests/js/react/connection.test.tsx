/** useConnection, useMetrics and useOnlineStatus. */
import { act } from 'react';
import { beforeEach, expect, it, type Mock, vi } from 'vitest';
import type { Connection } from '../../../pkg-template/src/react/index.js';
import { measured } from '../counters.js';
import { engineError, report } from '../page.js';
import { freshStage, happen, mount, type Stage } from './stage.js';

let stage: Stage;
let rendered: Mock<(shown?: unknown) => void>;
let view: Connection;

beforeEach(async () => {
  stage = await freshStage();
  rendered = vi.fn();
});

function Light() {
  view = stage.useConnection();
  rendered();
  return <p>{view.state}</p>;
}

it('useConnection follows the connection, and does not render for other changes', async () => {
  await mount(<Light />);
  expect(view).toMatchObject({ state: 'connecting', isConnecting: true, isConnected: false });
  rendered.mockClear();
  await happen(() => {
    report(stage.engine).state('authenticating');
    report(stage.engine).state('ready');
  });
  expect(view).toMatchObject({ state: 'ready', isConnecting: false, isConnected: true });
  expect(rendered).toHaveBeenCalledOnce();
  const before = view;
  await happen(() => report(stage.engine).queue(7));
  expect(rendered).toHaveBeenCalledOnce();
  await happen(() =>
    report(stage.engine).state('failed', 'auth_denied', engineError('auth_denied')),
  );
  expect(view).toMatchObject({ state: 'failed', error: { code: 'auth_denied' } });
  expect([view.connect, view.disconnect]).toEqual([before.connect, before.disconnect]);
});

it('connect and disconnect call the engine', async () => {
  await mount(<Light />);
  const { connect, disconnect } = view;
  await happen(() => {
    void connect();
    disconnect();
  });
  expect(stage.engine.calls.slice(-2).flat()).toEqual(['connect', 'disconnect']);
});

it('useConnection opens no connection, and keeps working after the client is destroyed', async () => {
  const client = stage.createRealtimeClient();
  const mounted = await mount(
    <stage.RealtimeProvider client={client}>
      <Light />
    </stage.RealtimeProvider>,
  );
  expect(mounted.text).toBe('idle');
  await happen(() => client.destroy());
  expect(mounted.text).toBe('closed');
  await mounted.render(null);
  await mounted.render(
    <stage.RealtimeProvider client={client}>
      <Light />
    </stage.RealtimeProvider>,
  );
  expect(mounted.text).toBe('closed');
  expect(stage.double.engines).toHaveLength(1);
});

it('useMetrics polls the counters, and renders only if one changed', async () => {
  vi.useFakeTimers();
  function Counters() {
    const { messagesReceived } = stage.useMetrics();
    rendered();
    return <p>{messagesReceived}</p>;
  }
  const mounted = await mount(<Counters />);
  expect(mounted.text).toBe('7');
  rendered.mockClear();
  await act(() => vi.advanceTimersByTimeAsync(2_000));
  expect(rendered).not.toHaveBeenCalled();
  vi.spyOn(stage.engine, 'metrics').mockReturnValue(measured({ messagesReceived: 8 }));
  await act(() => vi.advanceTimersByTimeAsync(2_000));
  expect(mounted.text).toBe('8');
  expect(rendered).toHaveBeenCalledOnce();
  await mounted.unmount();
  expect(vi.getTimerCount()).toBe(0);
});

it('useOnlineStatus follows the browser’s network status', async () => {
  const online = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  function Network() {
    return <p>{stage.useOnlineStatus() ? 'online' : 'offline'}</p>;
  }
  const mounted = await mount(<Network />);
  expect(mounted.text).toBe('offline');
  online.mockReturnValue(true);
  await happen(() => dispatchEvent(new Event('online')));
  expect(mounted.text).toBe('online');
});
