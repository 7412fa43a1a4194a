/** Adds to a client's ledger what only the engine's side uses, so that the facade need not hold it. */
import type { FacadeLedger, Ledger } from './client-state.js';

const equipped = new WeakMap<FacadeLedger, Ledger>();

/** The ledger with everything. */
export function equip(facade: FacadeLedger): Ledger {
  const before = equipped.get(facade);
  if (before) return before;
  const { emitter, report, ErrorClass, snapshot, waiting, update } = facade;
  const ledger: Ledger = Object.assign(facade, {
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
  } satisfies Omit<Ledger, keyof FacadeLedger> & Partial<FacadeLedger>);
  equipped.set(facade, ledger);
  return ledger;
}
