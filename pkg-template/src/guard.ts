/**
 * Stands between the glue and the browser (the build puts it there): an engine is also entered by timers,
 * sockets and promises, where no call of ours could see it trap, and what it leaves open must be closed.
 */

/** Whether an engine that threw this can be trusted no more. */
export const isTrap = (error: unknown): boolean =>
  error instanceof WebAssembly.RuntimeError ||
  // Stack overflow.
  error instanceof RangeError;

let onTrap: (error: unknown) => void = () => {};

/** Names who is told of traps. */
export const watchTraps = (listener: (error: unknown) => void): void => {
  onTrap = listener;
};

/** A `WebAssembly.Instance` whose functions tell of their traps. */
export class GuardedInstance {
  /** What the instance exports. */
  readonly exports: Record<string, unknown> = {};

  constructor(module: WebAssembly.Module, imports: WebAssembly.Imports) {
    for (const [name, value] of Object.entries(new WebAssembly.Instance(module, imports).exports)) {
      this.exports[name] =
        typeof value === 'function'
          ? (...values: unknown[]) => {
              try {
                return value(...values);
              } catch (error) {
                if (isTrap(error)) onTrap(error);
                throw error;
              }
            }
          : value;
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
