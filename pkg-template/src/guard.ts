/**
 * Stands between the glue and the browser (the build puts it there): an engine is also entered by timers,
 * sockets and promises, where no call of ours could see it trap, and what it leaves open must be closed.
 */

/** What left a function of an engine, and so left the engine in the middle of its work. */
const traps = new WeakSet<object>();

/**
 * Whether an engine that threw this can be trusted no more. An error of the same class that the app threw is
 * none: the engine catches it.
 */
export const isTrap = (error: unknown): boolean => traps.has(error as object);

/** Whether an exception of wasm is a trap or a stack overflow, which Firefox names `InternalError`. */
const endsWasm = (error: unknown): error is Error =>
  error instanceof WebAssembly.RuntimeError ||
  error instanceof RangeError ||
  (error instanceof Error && error.name === 'InternalError');

let onTrap: (error: unknown) => void = () => {};

/** Names who is told of traps. */
export const watchTraps = (listener: (error: unknown) => void): void => {
  onTrap = listener;
};

/** The function, which tells of its traps. */
export const guarded =
  <A extends unknown[], R>(enter: (...values: A) => R) =>
  (...values: A): R => {
    try {
      return enter(...values);
    } catch (error) {
      if (endsWasm(error)) {
        traps.add(error);
        onTrap(error);
      }
      throw error;
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
