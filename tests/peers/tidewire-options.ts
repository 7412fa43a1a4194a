/** The options of tidewire in these tests: like those of the official clients, with short delays. */
import type { ClientOptions } from 'tidewire';
import { nameTransport, PEER } from './page.js';
import type { PeerOptions } from './peer.js';

const SOON_MS = 30;

/** The options that both protocols share. */
export function options({ transport, heartbeatMs, timeoutMs }: PeerOptions) {
  return {
    params: { [PEER]: nameTransport(transport) },
    heartbeat: { everyMs: heartbeatMs, timeoutMs: heartbeatMs },
    reconnect: { baseMs: SOON_MS, maxMs: SOON_MS },
    ackTimeoutMs: timeoutMs,
    joinTimeoutMs: timeoutMs,
    lingerMs: 0,
    batchMs: 0,
    maxChannels: 200,
  } satisfies ClientOptions;
}
