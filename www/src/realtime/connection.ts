/** The connection's state and the reason of its last change. */
import type { Quality, RealtimeError, State } from 'tidewire';
import { client } from './client.ts';
import { record } from './event-log.ts';
import { describeReason } from './reasons.ts';
import { createStore } from './store.ts';

/** The connection's state as the page shows it. */
export interface ConnectionView {
  readonly state: State;
  readonly quality: Quality;
  readonly error: RealtimeError | null;
  /** Sends that are not settled yet. */
  readonly unsettled: number;
  /** The code of the last change. */
  readonly reason: string;
}

/** The connection's view, updated by the client's events. */
export const connection = createStore<ConnectionView>(view('created'));

function view(reason: string): ConnectionView {
  const { state, quality, error, queueDepth } = client.getSnapshot();
  return { state, quality, error, unsettled: queueDepth, reason };
}

client.on('state', (state, change) => {
  record('state', `${change.from} → ${state}: ${describeReason(change.reason)}`, change.reason);
  connection.set(view(change.reason));
});
client.on('change', () => connection.set(view(connection.get().reason)));
client.on('channel', ({ channel, state, continuity }) => {
  const after = state === 'ready' && continuity !== 'fresh' ? `, continuity ${continuity}` : '';
  record('channel', `Channel ${channel}: ${state}${after}`);
});
client.on('gap', ({ channel, from, to }) => {
  const lost =
    from === undefined ? 'may have missed messages' : `lost messages ${from} to ${to ?? '…'}`;
  record('error', `Channel ${channel} ${lost}`);
});
client.on('error', (error) => record('error', `${error.message} ${error.hint}`, error.code));
