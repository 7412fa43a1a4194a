/** The public types of counters. Times are in milliseconds unless stated otherwise. */
import type { ChannelState, Continuity } from './common-types.js';

/** The state and counters of one open channel. */
export interface ChannelStats {
  /** The channel's name. */
  key: string;
  /** Its state. */
  state: ChannelState;
  /** Whether it missed messages. */
  continuity: Continuity;
  /** Subscribers and handles. */
  referenceCount: number;
  /** When it was opened, in milliseconds since 1970. */
  createdAt: number;
  /** The time of its last subscription, send or received message, in milliseconds since 1970. */
  lastAccessedAt: number;
  /** Further counters of the engine, such as `messagesReceived`. */
  [counter: string]: unknown;
}

/** What {@link RealtimeClient.getChannelStats} returns. */
export interface ChannelRegistryStats {
  /** The number of open channels. */
  totalChannels: number;
  /** One entry per channel. */
  channels: ChannelStats[];
}

/** Counters since the client was made. Before the engine is loaded all are zero. */
export interface Metrics {
  /** When the current connection became ready, in milliseconds since 1970. */
  connectTime: number | null;
  /** When the last connection ended, in milliseconds since 1970. */
  disconnectTime: number | null;
  /** The total time in the state `ready`, of all connections. */
  totalUptime: number;
  /** How long the current connection has been ready. */
  currentUptime: number;
  /** Attempts to connect. */
  connectionAttempts: number;
  /** Attempts that became ready. */
  successfulConnections: number;
  /** Connections that replaced a lost one. */
  reconnects: number;
  /** Errors reported. */
  errors: number;
  /** Subscribers and handles now. */
  subscriberCount: number;
  /** Open channels now. */
  channelCount: number;
  /** Whether the client is ready now. */
  isConnected: boolean;
  /** Messages delivered by the server. */
  messagesReceived: number;
  /** Messages written to a socket. */
  messagesSent: number;
  /** Bytes of all frames received. */
  bytesReceived: number;
  /** Bytes of all frames sent. */
  bytesSent: number;
  /** Messages dropped because they had been delivered before. */
  duplicatesDropped: number;
  /** Gaps reported. */
  gaps: number;
  /** Messages recovered after an interruption. */
  recovered: number;
  /** Unsettled sends now. */
  queueDepth: number;
  /** Round-trip times, in milliseconds; `null` before the first. */
  rtt: { last: number | null; p50: number | null; p99: number | null; jitter: number | null };
  /** Frames dropped because they violate the protocol. */
  invalidFrames: number;
}
