/** Adds to the facade's state of a client the members that only the lazy chunk uses, to keep the facade small. */
import type { ClientState, FacadeState } from './client-state.js';
import { plainJson } from './plain-json.js';
import { pooledId } from './pooled-id.js';

const equipped = new WeakMap<FacadeState, ClientState>();

/** Returns the extended state; the same object, extended once. */
export function equip(facade: FacadeState): ClientState {
  const before = equipped.get(facade);
  if (before) return before;
  const { emitter, report, ErrorClass, serialise, settle, snapshot, waiting, update } = facade;
  const client: ClientState = Object.assign(facade, {
    newId: pooledId,
    serialise: plainJson(serialise),
    settle(send, outcome) {
      if (!facade.sends.has(send.number)) return;
      settle(send, outcome);
      if (outcome instanceof Error) send.onFailure?.(send, outcome);
      else send.sent.status = outcome.confirmed ? 'acked' : 'sent';
    },
    tracked: new Map(),
    makeError: (...parts) => new ErrorClass(...parts),
    update(changes, reason) {
      update(changes, reason);
      const { state, error } = snapshot();
      if (state !== 'ready' && state !== 'failed') return;
      for (const [, settle] of waiting) settle(error ?? undefined);
      waiting.clear();
    },
    emit: (event, ...values) => emitter.emit(event, ...values),
    listens: (event) => emitter.has(event),
    call(callback, ...values) {
      try {
        callback?.(...values);
      } catch (error) {
        report(error);
      }
    },
  } satisfies Omit<ClientState, keyof FacadeState> & Partial<FacadeState>);
  equipped.set(facade, client);
  return client;
}
