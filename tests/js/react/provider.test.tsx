/** RealtimeProvider: which client the hooks use, and when it is destroyed. */
import * as React from 'react';
import { StrictMode, Suspense } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import type { ClientOptions, RealtimeClient } from '../../../pkg-template/src/index.js';
import { freshStage, members, mount, type Stage } from './stage.js';

let stage: Stage;
/** The client of the last render. */
let used: RealtimeClient;

beforeEach(async () => {
  stage = await freshStage();
});

function User() {
  used = stage.useRealtimeClient();
  stage.useRealtimeChannel('news', {}, () => {});
  return null;
}

const own = (options: ClientOptions) => (
  <StrictMode>
    <stage.RealtimeProvider options={options}>
      <User />
    </stage.RealtimeProvider>
  </StrictMode>
);

it('without a provider the hooks use the default client', async () => {
  await mount(<User />);
  expect(used).toBe(stage.realtimeClient);
  expect(members(stage.engine, 'news')).toHaveLength(1);
});

it('a given client is used, and is not destroyed with the provider', async () => {
  const [one, two] = [stage.createRealtimeClient(), stage.createRealtimeClient()];
  const page = (client: RealtimeClient) => (
    <stage.RealtimeProvider client={client}>
      <User />
    </stage.RealtimeProvider>
  );
  const mounted = await mount(page(one));
  expect(used).toBe(one);
  await mounted.render(page(two));
  expect(used).toBe(two);
  await mounted.unmount();
  expect([one.state, two.state]).not.toContain('closed');
});

it('options create a client: StrictMode does not destroy it, unmounting does', async () => {
  const started = stage.double.nextEngine();
  const mounted = await mount(own({ url: 'wss://one.test' }));
  const engine = await started;
  expect(used).not.toBe(stage.realtimeClient);
  expect(engine.options).toMatchObject({ url: 'wss://one.test' });
  expect(stage.double.engines).toHaveLength(2);
  expect(members(engine, 'news')).toHaveLength(1);
  expect(used.state).toBe('connecting');
  await mounted.unmount();
  expect(used.state).toBe('closed');
});

it('changed options take effect; inline ones with the same content do nothing', async () => {
  const started = stage.double.nextEngine();
  const url = () => new URL('wss://one.test');
  const mounted = await mount(own({ url: url(), batchMs: 50, getToken: () => 'a' }));
  const engine = await started;
  const client = used;
  await mounted.render(own({ url: url(), batchMs: 50, getToken: () => 'b' }));
  expect(engine.of('configure')).toEqual([]);
  const getToken = vi.fn(() => 'c');
  await mounted.render(own({ url: 'wss://two.test', getToken }));
  const [[configured, reconnects] = []] = engine.of('configure') as [ClientOptions, boolean][];
  expect(configured).toMatchObject({ url: 'wss://two.test', batchMs: undefined });
  expect(reconnects).toBe(true);
  expect(used).toBe(client);
  expect(configured?.getToken?.()).toBe('c');
});

// Absent from React 18.
it.runIf('Activity' in React)(
  'its client is kept while it is hidden in an <Activity>',
  async () => {
    const page = (mode: 'visible' | 'hidden') => (
      <React.Activity mode={mode}>{own({ url: 'wss://one.test' })}</React.Activity>
    );
    const started = stage.double.nextEngine();
    const mounted = await mount(page('visible'));
    const engine = await started;
    await mounted.render(page('hidden'));
    expect(members(engine, 'news')).toEqual([]);
    expect(used.state).not.toBe('closed');
    await mounted.render(page('visible'));
    expect(members(engine, 'news')).toHaveLength(1);
    expect(engine.of('configure')).toEqual([]);
    await mounted.unmount();
    expect(used.state).toBe('closed');
  },
);

it('an abandoned first render starts no engine', async () => {
  const never = new Promise(() => {});
  function Suspended(): null {
    throw never;
  }
  const mounted = await mount(
    <Suspense fallback="waiting">
      <stage.RealtimeProvider options={{}}>
        <User />
        <Suspended />
      </stage.RealtimeProvider>
    </Suspense>,
  );
  expect(mounted.text).toBe('waiting');
  await mounted.unmount();
  expect(stage.double.engines).toHaveLength(1);
});
