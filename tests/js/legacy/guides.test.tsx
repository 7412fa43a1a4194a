/** The snippets of the guides work. */
import { readFileSync } from 'node:fs';
import * as react from 'react';
import { transformWithOxc } from 'vite';
import { beforeEach, expect, it, vi } from 'vitest';
import { report } from '../page.js';
import { happen, mount } from '../react/stage.js';
import { type Civic, freshCivic } from './civic-stage.js';

/** The modules that snippets import. */
const SOURCES: Record<string, () => Promise<unknown>> = {
  legacy: () => import('../../../pkg-template/src/legacy/index.js'),
  'legacy/lazy-client': () => import('../../../pkg-template/src/legacy/lazy-client/index.js'),
  'legacy/core-realtime': () => import('../../../pkg-template/src/legacy/core-realtime/index.js'),
  'legacy/core-realtime/config': () =>
    import('../../../pkg-template/src/legacy/core-realtime/config/index.js'),
  'legacy/core-realtime/websocket/manager': () =>
    import('../../../pkg-template/src/legacy/core-realtime/websocket/manager/index.js'),
};

/** The snippets of a guide. */
const snippetsOf = (family: string): string[] => {
  const guide = readFileSync(`${import.meta.dirname}/../../../docs/legacy/${family}.md`, 'utf8');
  return [...guide.matchAll(/```tsx?\n([\s\S]*?)```/g)].map(([, text = '']) => text);
};

let civic: Civic;

beforeEach(async () => {
  civic = await freshCivic();
});

/** Runs a snippet with these names in scope; returns what it exports. */
async function run(snippet: string, scope: Record<string, unknown> = {}): Promise<unknown> {
  const { code } = await transformWithOxc(snippet, 'snippet.tsx', { jsx: { runtime: 'classic' } });
  const modules: Record<string, unknown> = { react, tidewire: civic };
  for (const [, name = ''] of code.matchAll(/from "tidewire\/(.*)"/g)) {
    modules[`tidewire/${name}`] = await SOURCES[name]?.();
  }
  const exported = code.match(/export function (\w+)/)?.[1] ?? 'undefined';
  const body = code
    .replace(/^import \{(.*)\} from "(.*)";$/gm, (_, names: string, from: string) => {
      return `const {${names.replaceAll(' as ', ': ')}} = modules["${from}"];`;
    })
    .replace(/^export /gm, '')
    .replaceAll('import.meta.env', 'env');
  const names = ['modules', 'React', ...Object.keys(scope)];
  const work = new Function(...names, `return (async () => {${body}\nreturn ${exported};})();`);
  return work(modules, react, ...Object.values(scope));
}

it('the snippets of the lazy client work', async () => {
  const snippets = snippetsOf('lazy-client');
  expect(snippets).toHaveLength(2);
  const session = { getSnapshot: () => null, subscribe: () => () => {} };
  const configure = vi.spyOn(civic.realtimeClient, 'configure');
  await run(snippets[1] ?? '', { session });
  expect(configure).toHaveBeenCalledWith({ url: 'wss://api.example.com/ws/realtime' });

  civic.configureLegacy({});
  report(civic.engine).state('ready');
  const console = { log: vi.fn() };
  await run(snippets[0] ?? '', { show: () => {}, console });
  expect(console.log).toHaveBeenCalledWith('authenticated', 1);
  expect(civic.engine.of('send').map(([, channel]) => channel)).toEqual(['chat']);
});

it('the snippets of the civic module work', async () => {
  const [component = '', service = '', environment = '', configuration = '', ...rest] =
    snippetsOf('core-realtime');
  expect(rest).toEqual([]);
  await run(environment, { env: { VITE_WS_URL: 'wss://a.example/ws' } });
  const { getWebSocketConfig, UnifiedWebSocketManager } = civic.core;
  expect(getWebSocketConfig().url).toBe('wss://a.example/ws');
  await run(configuration);
  civic.configureLegacy({ client: civic.realtimeClient });
  const configure = vi.spyOn(civic.realtimeClient, 'configure');

  const console = { log: vi.fn() };
  const running = run(service, { userToken: 'token', console });
  await vi.waitFor(() => expect(configure).toHaveBeenCalled());
  expect(configure.mock.calls[0]?.[0]).toMatchObject({ heartbeat: { everyMs: 15_000 } });
  report(civic.engine).state('ready');
  await running;
  expect(console.log).toHaveBeenCalledWith(
    'Real-time stats:',
    expect.objectContaining({ isConnected: true }),
  );
  expect(UnifiedWebSocketManager.getInstance().isConnected()).toBe(false);

  const BillTracker = (await run(component)) as react.ComponentType<{ billId: number }>;
  const begun = civic.core.realTimeService.initialize();
  report(civic.engine).state('ready');
  await begun;
  const mounted = await mount(<BillTracker billId={1} />);
  expect(mounted.text).toBe('0 updates, 0 views');
  await happen(() => {
    report(civic.engine).message('bill:1', { bill_id: 1, view_count: 3 }, 'engagement');
    report(civic.engine).message('bill:1', { bill_id: 1 }, 'amendment');
    report(civic.engine).batch();
  });
  expect(mounted.text).toBe('1 updates, 3 views');
});
