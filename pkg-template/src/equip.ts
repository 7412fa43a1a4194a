/** Adds to a client's ledger what only the engine's side uses, so that the facade need not hold it. */
import type { FacadeLedger, Ledger } from './ledger.js';

/** The ledger with everything; what it has already stays. */
export function equip(facade: FacadeLedger): Ledger {
  const { emitter, report, ErrorClass } = facade;
  return Object.assign(facade, {
    tracked: (facade as Partial<Ledger>).tracked ?? new Map(),
    makeError: (...parts) => new ErrorClass(...parts),
    emit: (event, ...values) => emitter.emit(event, ...values),
    listens: (event) => emitter.has(event),
    call(callback, ...values) {
      try {
        callback?.(...values);
      } catch (error) {
        report(error);
      }
    },
  } satisfies Omit<Ledger, keyof FacadeLedger>);
}
