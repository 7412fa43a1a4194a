/** The older module's settings, from the defaults and the environment. */
import { beforeEach, expect, it, vi } from 'vitest';
import type * as Config from '../../../pkg-template/src/legacy/core-realtime/config/index.js';
import type * as Legacy from '../../../pkg-template/src/legacy/index.js';
import { report } from '../page.js';
import { type Civic, freshCivic } from './civic-stage.js';

let civic: Civic;
let configureLegacy: typeof Legacy.configureLegacy;
let config: typeof Config;

beforeEach(async () => {
  civic = await freshCivic();
  ({ configureLegacy } = civic);
  config = await import('../../../pkg-template/src/legacy/core-realtime/config/index.js');
});

it('without an environment there are the defaults', () => {
  expect(config.getRealTimeConfig()).toEqual(config.defaultRealTimeConfig);
  expect(config.getWebSocketConfig()).toEqual(config.defaultWebSocketConfig);
  expect(config.defaultWebSocketConfig).toMatchObject({
    url: 'ws://localhost:3001/ws',
    protocols: ['civic-engagement-v1'],
    heartbeat: { enabled: true, interval: 30_000, timeout: 5_000 },
    reconnect: { enabled: true, maxAttempts: 5, delay: 2_000, backoff: 'exponential' },
    message: { compression: false, batching: true, batchSize: 10, batchInterval: 1_000 },
  });
});

it('all six documented settings are read', () => {
  configureLegacy({
    env: {
      VITE_WS_URL: 'wss://example.com/ws',
      VITE_WS_HEARTBEAT_INTERVAL: '20000',
      VITE_WS_RECONNECT_ATTEMPTS: '9',
      VITE_WS_RECONNECT_DELAY: '500',
      VITE_WS_COMPRESSION_ENABLED: 'true',
      VITE_WS_BATCHING_ENABLED: 'false',
    },
  });
  expect(config.getWebSocketConfig()).toMatchObject({
    url: 'wss://example.com/ws',
    heartbeat: { interval: 20_000 },
    reconnect: { maxAttempts: 9, delay: 500 },
    message: { compression: true, batching: false },
  });
});

it('values that are not numbers or flags are ignored', () => {
  configureLegacy({
    env: { VITE_WS_RECONNECT_DELAY: 'soon', VITE_WS_HEARTBEAT_INTERVAL: '', MODE: 'test' },
  });
  expect(config.getWebSocketConfig()).toEqual(config.defaultWebSocketConfig);
});

it('development and production have their older differences, and settings override both', () => {
  configureLegacy({ env: { MODE: 'development', VITE_WS_URL: 'ws://elsewhere/ws' } });
  expect(config.getWebSocketConfig()).toMatchObject({
    url: 'ws://elsewhere/ws',
    heartbeat: { interval: 15_000 },
    reconnect: { delay: 1_000 },
    security: { validateOrigin: false },
  });
  configureLegacy({ env: { NODE_ENV: 'production' } });
  expect(config.getWebSocketConfig()).toMatchObject({
    message: { compression: true },
    security: { validateOrigin: true },
  });
});

it('a returned configuration may be changed by the caller', () => {
  config.getWebSocketConfig().heartbeat.interval = 1;
  config.getWebSocketConfig().protocols.push('mine');
  config.getRealTimeConfig().bills.maxBatchSize = 1;
  expect(config.getRealTimeConfig()).toEqual(config.defaultRealTimeConfig);
  expect(config.defaultWebSocketConfig.heartbeat.interval).toBe(30_000);
});

it('the client is configured with what a custom configuration changes', async () => {
  const configure = vi.spyOn(civic.realtimeClient, 'configure');
  configureLegacy({ client: civic.realtimeClient });
  const customConfig = {
    ...config.getRealTimeConfig(),
    websocket: {
      ...config.getRealTimeConfig().websocket,
      heartbeat: { enabled: true, interval: 15_000, timeout: 5_000 },
      reconnect: {
        enabled: true,
        maxAttempts: 10,
        delay: 1_000,
        backoff: 'exponential' as const,
      },
    },
  };
  const manager = civic.core.UnifiedWebSocketManager.getInstance(customConfig.websocket);
  manager.connect();
  expect(configure.mock.calls).toEqual([
    [
      {
        heartbeat: { everyMs: 15_000, timeoutMs: 5_000 },
        reconnect: { baseMs: 1_000, maxAttempts: 10 },
      },
    ],
  ]);
});

it('the client is configured with the settings of the environment, and not with the defaults', () => {
  const configure = vi.spyOn(civic.realtimeClient, 'configure');
  configureLegacy({ client: civic.realtimeClient });
  const { UnifiedWebSocketManager } = civic.core;
  new UnifiedWebSocketManager().connect();
  expect(configure).not.toHaveBeenCalled();
  configureLegacy({ client: civic.realtimeClient, env: { VITE_WS_URL: 'wss://a.example/ws' } });
  new UnifiedWebSocketManager().connect();
  new UnifiedWebSocketManager({ heartbeat: { enabled: false, interval: 1, timeout: 1 } }).connect();
  report(civic.engine).state('ready');
  expect(configure.mock.calls.flat()).toEqual([
    { url: 'wss://a.example/ws' },
    { url: 'wss://a.example/ws', heartbeat: false },
  ]);
});
