/**
 * Wraps the wasm instance (the build inserts it between the glue and the browser): timers, sockets and promises call the
 * engine too, and a trap there would not be noticed.
 */
import { messageOf } from './engine-errors.js';

/** Errors that were thrown out of a function of the engine, which left it in the middle of its work. */
const traps = new WeakSet<object>();

/**
 * Whether an error is a trap, after which the engine is in an undefined state. An error of the same class that the app
 * threw is not: the engine catches it.
 */
export const isTrap = (error: unknown): boolean => traps.has(error as object);

/** wasm-bindgen's error when a listener is called while it is running: no function of the engine was called. */
const NOT_ENTERED = /^closure invoked/;

/** Returns the thrown value as an object that can be kept in a set: the app's code may throw `undefined`. */
const trapOf = (thrown: unknown): object =>
  thrown && typeof thrown === 'object'
    ? thrown
    : Error('A value was thrown through the engine.', { cause: thrown });

let onTrap: (error: unknown) => void = () => {};

/** Sets the listener of traps. */
export const watchTraps = (listener: (error: unknown) => void): void => {
  onTrap = listener;
};

/**
 * Wraps a wasm function to report its traps. Errors for the app are returned by the engine and thrown by the glue;
 * any other throw has left the engine in the middle of its work.
 */
export const guarded =
  <A extends unknown[], R>(enter: (...values: A) => R) =>
  (...values: A): R => {
    try {
      return enter(...values);
    } catch (thrown) {
      if (NOT_ENTERED.test(messageOf(thrown))) throw thrown;
      const trap = trapOf(thrown);
      traps.add(trap);
      onTrap(trap);
      throw trap;
    }
  };

/** A `WebAssembly.Instance` whose functions report their traps. */
export class GuardedInstance {
  /** What the instance exports. */
  readonly exports: Record<string, unknown> = {};

  constructor(module: WebAssembly.Module, imports: WebAssembly.Imports) {
    for (const [name, value] of Object.entries(new WebAssembly.Instance(module, imports).exports)) {
      this.exports[name] =
        typeof value === 'function' ? guarded(value as (...values: unknown[]) => unknown) : value;
    }
  }
}
