/** The snapshot of a client: an object that stays the same until something in it changes. */
import type { ChannelView } from './client-state.js';
import type { Emitter } from './emitter.js';
import type { ErrorCode } from './errors.js';
import type { Reason } from './generated/types.js';
import type { Metrics } from './stats-types.js';
import type { ClientSnapshot } from './types.js';

/** The snapshot of one client. */
export interface SnapshotStore {
  get(): ClientSnapshot;
  /** Merges the changes and notifies the listeners; does nothing if nothing changed. */
  update(changes: Partial<ClientSnapshot>, reason?: Reason | ErrorCode): void;
}

/** Makes a new client's snapshot, which emits its changes on `emitter`. */
export function createSnapshot(emitter: Emitter): SnapshotStore {
  let now: ClientSnapshot = Object.freeze({
    state: 'idle',
    quality: 'offline',
    error: null,
    queueDepth: 0,
  });
  return {
    get: () => now,
    update(changes, reason) {
      const before = now;
      const after: ClientSnapshot = Object.freeze({ ...before, ...changes });
      const changed = (key: keyof ClientSnapshot): boolean => before[key] !== after[key];
      if (!(Object.keys(after) as (keyof ClientSnapshot)[]).some(changed)) return;
      now = after;
      if (changed('state')) {
        emitter.emit('state', after.state, {
          from: before.state,
          reason: reason ?? '',
          ...(after.error && { error: after.error }),
        });
      }
      if (changed('quality')) emitter.emit('quality', after.quality);
      if (changed('queueDepth')) emitter.emit('queue', after.queueDepth);
      emitter.emit('change', now);
    },
  };
}

/** The state of a new channel. */
export const newView = (): ChannelView => ({
  state: 'joining',
  continuity: 'fresh',
  error: null,
  presence: new Map(),
  who: [],
});

/** The metrics of a client that has no engine. */
export const noMetrics = (subscriberCount: number, queueDepth: number): Metrics => ({
  connectTime: null,
  disconnectTime: null,
  rtt: { last: null, p50: null, p99: null, jitter: null },
  subscriberCount,
  queueDepth,
  isConnected: false,
  totalUptime: 0,
  currentUptime: 0,
  connectionAttempts: 0,
  successfulConnections: 0,
  reconnects: 0,
  recovered: 0,
  errors: 0,
  gaps: 0,
  invalidFrames: 0,
  duplicatesDropped: 0,
  channelCount: 0,
  messagesReceived: 0,
  messagesSent: 0,
  bytesReceived: 0,
  bytesSent: 0,
});
