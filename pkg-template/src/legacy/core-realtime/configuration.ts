/** The settings of the legacy civic module, from defaults and the environment. */
import type { ClientOptions, RealtimeClient } from '../../index.js';
import { type LegacyEnvironment, legacyConfig } from '../index.js';

/** Settings of the connection. Times are in milliseconds. */
export interface WebSocketConfig {
  url: string;
  protocols: string[];
  /** The interval of pings, and the time limit of their replies. */
  heartbeat: { enabled: boolean; interval: number; timeout: number };
  /** The number of attempts after a lost connection, and the delay before the first one. */
  reconnect: {
    enabled: boolean;
    maxAttempts: number;
    delay: number;
    backoff: 'exponential' | 'linear' | 'fixed';
  };
  /** Not used: the client and the server negotiate batches and compression. */
  message: { compression: boolean; batching: boolean; batchSize: number; batchInterval: number };
  /** Not used: the server decides which origins may connect. */
  security: { validateOrigin: boolean; allowedOrigins: string[] };
}

/**
 * The default settings of the connection.
 *
 * @deprecated Pass options to `createRealtimeClient` or `realtimeClient.configure` of `tidewire`.
 */
export const defaultWebSocketConfig: WebSocketConfig = {
  url: 'ws://localhost:3001/ws',
  protocols: ['civic-engagement-v1'],
  heartbeat: { enabled: true, interval: 30_000, timeout: 5_000 },
  reconnect: { enabled: true, maxAttempts: 5, delay: 2_000, backoff: 'exponential' },
  message: { compression: false, batching: true, batchSize: 10, batchInterval: 1_000 },
  security: {
    validateOrigin: true,
    allowedOrigins: ['http://localhost:3000', 'http://localhost:5173'],
  },
};

/**
 * All default settings.
 *
 * @deprecated Pass options to `createRealtimeClient` or `realtimeClient.configure` of `tidewire`.
 */
export const defaultRealTimeConfig = {
  websocket: defaultWebSocketConfig,
  bills: {
    autoReconnect: true,
    maxReconnectAttempts: 5,
    reconnectDelay: 2_000,
    heartbeatInterval: 30_000,
    batchUpdateInterval: 1_000,
    maxBatchSize: 50,
  },
  community: {
    typingIndicatorTimeout: 3_000,
    maxConcurrentSubscriptions: 20,
    enablePresence: true,
  },
  notifications: { maxQueueSize: 100, persistOffline: true, enablePush: false },
};

/** All settings. Times are in milliseconds. */
export type RealTimeConfig = typeof defaultRealTimeConfig;

const copyOf = <T>(config: T): T => JSON.parse(JSON.stringify(config));

/** Returns a setting of the environment that is a number; other values are ignored. */
function numberIn(env: LegacyEnvironment, name: string): number | undefined {
  const text = String(env[name] ?? '').trim();
  const value = Number(text);
  return text && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** Returns a setting of the environment that is `true` or `false`; other values are ignored. */
function flagIn(env: LegacyEnvironment, name: string): boolean | undefined {
  const text = String(env[name] ?? '');
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

/**
 * Returns the connection's settings for the environment of `configureLegacy({ env: import.meta.env })`: the defaults of
 * its mode, overridden by `VITE_WS_URL`, `VITE_WS_HEARTBEAT_INTERVAL`, `VITE_WS_RECONNECT_ATTEMPTS`,
 * `VITE_WS_RECONNECT_DELAY`, `VITE_WS_COMPRESSION_ENABLED` and `VITE_WS_BATCHING_ENABLED`.
 * Each call returns a new object, which may be changed.
 *
 * @deprecated Pass options to `createRealtimeClient` or `realtimeClient.configure` of `tidewire`.
 */
export function getWebSocketConfig(): WebSocketConfig {
  const { env } = legacyConfig();
  const mode = env.MODE ?? env.NODE_ENV;
  const isDevelopment = mode === 'development';
  const isProduction = mode === 'production';
  const config = copyOf(defaultWebSocketConfig);
  const { heartbeat, reconnect, message, security } = config;
  if (isDevelopment) {
    heartbeat.interval = 15_000;
    reconnect.delay = 1_000;
  }
  config.url = String(env.VITE_WS_URL || config.url);
  heartbeat.interval = numberIn(env, 'VITE_WS_HEARTBEAT_INTERVAL') ?? heartbeat.interval;
  reconnect.maxAttempts = numberIn(env, 'VITE_WS_RECONNECT_ATTEMPTS') ?? reconnect.maxAttempts;
  reconnect.delay = numberIn(env, 'VITE_WS_RECONNECT_DELAY') ?? reconnect.delay;
  message.compression = flagIn(env, 'VITE_WS_COMPRESSION_ENABLED') ?? isProduction;
  message.batching = flagIn(env, 'VITE_WS_BATCHING_ENABLED') ?? message.batching;
  security.validateOrigin = !isDevelopment;
  if (isProduction) security.allowedOrigins = [];
  return config;
}

/**
 * Returns all settings, with those of {@link getWebSocketConfig}. Each call returns a new object, which may be changed.
 *
 * @deprecated Pass options to `createRealtimeClient` or `realtimeClient.configure` of `tidewire`.
 */
export function getRealTimeConfig(): RealTimeConfig {
  return { ...copyOf(defaultRealTimeConfig), websocket: getWebSocketConfig() };
}

/**
 * Configures the client with the settings that differ from the legacy defaults. The others are not applied: the client's
 * own defaults are suitable, and the options of an app that has configured its client must not be overwritten.
 */
export function applyConfig(client: RealtimeClient, config: WebSocketConfig): void {
  const usual = defaultWebSocketConfig;
  const { heartbeat, reconnect } = config;
  const options: ClientOptions = {};
  if (config.url !== usual.url) options.url = config.url;
  if (String(config.protocols) !== String(usual.protocols)) options.protocols = config.protocols;
  if (!heartbeat.enabled) options.heartbeat = false;
  else if (
    heartbeat.interval !== usual.heartbeat.interval ||
    heartbeat.timeout !== usual.heartbeat.timeout
  ) {
    options.heartbeat = { everyMs: heartbeat.interval, timeoutMs: heartbeat.timeout };
  }
  const maxAttempts = reconnect.enabled ? reconnect.maxAttempts : 0;
  const isUsualCount = maxAttempts === usual.reconnect.maxAttempts;
  if (reconnect.delay !== usual.reconnect.delay || !isUsualCount) {
    options.reconnect = {
      baseMs: reconnect.delay,
      // The legacy default of five attempts is not applied: many connections were given up because of it.
      ...(!isUsualCount && { maxAttempts }),
    };
  }
  if (Object.keys(options).length) client.configure(options);
}
