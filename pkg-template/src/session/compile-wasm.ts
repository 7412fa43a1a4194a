/** Compiles the engine's module. */

import type { ClientState } from '../client-state.js';
import type { RealtimeError } from '../errors.js';
import { Text } from '../generated/facade.js';
import { inlineBytes } from '../inline.js';
import type { ClientOptions, WasmSource } from '../options.js';

async function compileSource(source: WasmSource): Promise<WebAssembly.Module> {
  const located = typeof source === 'string' || source instanceof URL;
  const given: unknown = await (located ? fetch(source) : source);
  if (given instanceof WebAssembly.Module) return given;
  if (!(given instanceof Response)) return WebAssembly.compile(given as BufferSource);
  if (!given.ok) throw Error(`HTTP ${given.status}`);
  // Streaming needs the right content type, which not every server sends.
  return given.headers.get('content-type')?.startsWith('application/wasm')
    ? WebAssembly.compileStreaming(given)
    : WebAssembly.compile(await given.arrayBuffer());
}

function hintFor(error: unknown): string {
  if (typeof WebAssembly === 'undefined') return 'This browser has no WebAssembly.';
  return /Content Security|unsafe-eval/i.test(String(error))
    ? "Add 'wasm-unsafe-eval' to the script-src directive of the page's Content-Security-Policy."
    : 'Update the package, and check that nothing rewrites core-inline.js on its way.';
}

/** The engine was loaded and cannot be compiled: loading it again does not help. */
export class CompileFailure extends Error {
  toError(makeError: ClientState['makeError']): RealtimeError {
    const { cause } = this;
    return makeError('engine_unavailable', `The engine cannot start: ${cause}`, hintFor(cause), {
      retryable: true,
      cause,
    });
  }
}

/** Logs that the source of the option `wasm` failed, to the client's logger or to the console. */
function warnOfSource(cause: unknown, { logger }: ClientOptions): void {
  const message = 'The wasm option failed; the built-in engine is used.';
  if (logger) logger({ level: 'warn', at: Date.now(), event: 'wasm', message, cause });
  else if (logger !== false) console.warn(`${Text.Prefix} ${message}`, cause);
}

/**
 * Compiles the engine's module, from the option `wasm` if that works, else from the built-in copy.
 *
 * @throws CompileFailure if the built-in copy cannot be compiled, or the error of `inline`
 */
export async function compile(
  inline: () => Promise<unknown>,
  options: ClientOptions,
): Promise<WebAssembly.Module> {
  if (options.wasm) {
    try {
      return await compileSource(options.wasm);
    } catch (error) {
      warnOfSource(error, options);
    }
  }
  const chunk = await inline();
  try {
    return await WebAssembly.compile(await inlineBytes(chunk));
  } catch (cause) {
    throw new CompileFailure('', { cause });
  }
}
