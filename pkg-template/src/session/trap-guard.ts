/**
 * Stands between the glue and the browser (the build puts it there): an engine is also entered by timers,
 * sockets and promises, where no call of ours could see it trap, and what it leaves open must be closed.
 */
import { wordsOf } from './engine-errors.js';

/** What left a function of an engine, and so left the engine in the middle of its work. */
const traps = new WeakSet<object>();

/**
 * Whether an engine that threw this can be trusted no more. An error of the same class that the app threw is
 * none: the engine catches it.
 */
export const isTrap = (error: unknown): boolean => traps.has(error as object);

/** What wasm-bindgen throws when a listener is called while it runs: nothing of the engine was entered. */
const NOT_ENTERED = /^closure invoked/;

/** What was thrown, as an object that can be recognised: code of the app's may throw `undefined`. */
const trapOf = (thrown: unknown): object =>
  thrown && typeof thrown === 'object'
    ? thrown
    : Error('A value was thrown through the engine.', { cause: thrown });

let onTrap: (error: unknown) => void = () => {};

/** Names who is told of traps. */
export const watchTraps = (listener: (error: unknown) => void): void => {
  onTrap = listener;
};

/**
 * The function of wasm, which tells of its traps. Errors that the engine means for the app are returned by it and
 * thrown by the glue; whatever else is thrown left it in the middle of its work.
 */
export const guarded =
  <A extends unknown[], R>(enter: (...values: A) => R) =>
  (...values: A): R => {
    try {
      return enter(...values);
    } catch (thrown) {
      if (NOT_ENTERED.test(wordsOf(thrown))) throw thrown;
      const trap = trapOf(thrown);
      traps.add(trap);
      onTrap(trap);
      throw trap;
    }
  };

/** A `WebAssembly.Instance` whose functions tell of their traps. */
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

const open = new Set<WebSocket>();

/**
 * `new TrackedSocket(…)` is a WebSocket that can be closed when its engine is gone. No class: there may be
 * no `WebSocket` to extend while this module is read (Jest, Node).
 */
export function TrackedSocket(url: string, protocols?: string | string[]): WebSocket {
  const socket = new WebSocket(url, protocols);
  open.add(socket);
  socket.addEventListener('close', () => open.delete(socket));
  return socket;
}

/** Closes what a lost engine left open. */
export function closeSockets(): void {
  for (const socket of open) socket.close(1000);
  open.clear();
}
