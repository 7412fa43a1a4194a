/** The connection under the older names. */
import type { Quality, State } from '../../index.js';
import type { ConnectionQuality, ConnectionState } from './types.js';

const STATES: Record<State, ConnectionState> = {
  idle: 'disconnected',
  connecting: 'connecting',
  authenticating: 'connecting',
  ready: 'connected',
  reconnecting: 'reconnecting',
  // It reconnects when the page is visible again, or the network is back.
  paused: 'reconnecting',
  offline: 'reconnecting',
  failed: 'failed',
  closed: 'disconnected',
};

export const connectionStateOf = (state: State): ConnectionState => STATES[state];

export const connectionQualityOf = (quality: Quality): ConnectionQuality =>
  quality === 'offline' ? 'disconnected' : quality;
