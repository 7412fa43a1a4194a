/** Loads the engine, once for all clients of this copy of the package. */
import { RealtimeError } from './errors.js';
import type { CoreModule } from './ledger.js';
import type { WasmSource } from './options.js';
import { importCore, importInline } from './sources.js';

/** Waits before the attempts after the first, in milliseconds. */
const WAITS = [250, 1_000, 4_000];

let loading: Promise<CoreModule> | undefined;

/** The error for an engine that cannot be had. */
const unavailable = (why: string, hint: string, cause?: unknown): RealtimeError =>
  new RealtimeError('engine_unavailable', `The engine cannot start: ${why}`, hint, {
    retryable: true,
    cause,
  });

/** On a server there is no page whose demand could be served. */
export const isPage = (): boolean => typeof document !== 'undefined';

/** The error for what needs a page. */
export const noPage = (): RealtimeError =>
  unavailable('there is no page.', 'Call it in the browser, as in an effect.');

async function attempt(source: WasmSource | undefined, failures: number): Promise<CoreModule> {
  try {
    // Both at once: one after the other would cost another round trip.
    const [core, inline] = await Promise.all([importCore() as Promise<CoreModule>, importInline()]);
    await core.start(inline, source);
    return core;
  } catch (error) {
    // The core knows what is wrong with the engine; retrying would not cure it.
    if (error instanceof Error && 'hint' in error)
      throw unavailable(error.message, error.hint as string, error.cause);
    const wait = WAITS[failures];
    if (!wait) {
      throw unavailable(
        String(error),
        'Serve core.js and core-inline.js where the page may load scripts (CSP script-src).',
        error,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
    return attempt(source, failures + 1);
  }
}

/** The engine's module, started. Rejects with `engine_unavailable`; the next call tries anew. */
export function loadCore(source: WasmSource | undefined): Promise<CoreModule> {
  loading ??= attempt(source, 0).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}
