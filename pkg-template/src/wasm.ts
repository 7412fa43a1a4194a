/** Gets the engine's module compiled. */
import { inlineBytes } from './inline.js';
import type { WasmSource } from './options.js';

async function compileSource(source: WasmSource): Promise<WebAssembly.Module> {
  const located = typeof source === 'string' || source instanceof URL;
  const given: unknown = await (located ? fetch(source) : source);
  if (given instanceof WebAssembly.Module) return given;
  if (!(given instanceof Response)) return WebAssembly.compile(given as BufferSource);
  if (!given.ok) throw Error(`HTTP ${given.status}`);
  // Streaming needs the right type, which not every server knows.
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

/**
 * The engine's module, from `source` if that works, else from the built-in copy.
 *
 * @throws an error with a `hint` if it cannot be compiled
 */
export async function compile(
  chunk: unknown,
  source: WasmSource | undefined,
): Promise<WebAssembly.Module> {
  if (source) {
    try {
      return await compileSource(source);
    } catch (error) {
      console.warn('[tidewire] The wasm option failed; the built-in engine is used.', error);
    }
  }
  try {
    return await WebAssembly.compile(await inlineBytes(chunk));
  } catch (cause) {
    throw Object.assign(Error(String(cause), { cause }), { hint: hintFor(cause) });
  }
}
