/** A script that is loaded before an engine: counts the calls between JavaScript and WebAssembly, and its memory. */

/** Calls since the last {@link Watch.reset}. */
interface Watch {
  /** Calls of JavaScript by wasm, by name. */
  imports: Record<string, number>;
  /** Calls of wasm by JavaScript, by name. */
  exports: Record<string, number>;
  /** Bytes of linear memory, of all instances. */
  memoryBytes(): number;
  reset(): void;
}

declare global {
  var wasm: Watch;
}

const memories: WebAssembly.Memory[] = [];

const watch: Watch = {
  imports: {},
  exports: {},
  memoryBytes: () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
  reset() {
    watch.imports = {};
    watch.exports = {};
  },
};

/** Counts the calls of all functions of an object. */
function counted(functions: object, side: 'imports' | 'exports'): Record<string, unknown> {
  const wrap = ([name, value]: [string, unknown]): [string, unknown] => {
    if (typeof value !== 'function') return [name, value];
    const counting = (...given: unknown[]) => {
      watch[side][name] = (watch[side][name] ?? 0) + 1;
      return value(...given);
    };
    return [name, counting];
  };
  return Object.fromEntries(Object.entries(functions).map(wrap));
}

globalThis.wasm = watch;

WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, [module, imports = {}]: [WebAssembly.Module, WebAssembly.Imports?]) {
    const modules = Object.entries(imports).map(([name, functions]) => [
      name,
      counted(functions, 'imports'),
    ]);
    const { exports } = new Instance(module, Object.fromEntries(modules));
    for (const value of Object.values(exports)) {
      if (value instanceof WebAssembly.Memory) memories.push(value);
    }
    return { exports: counted(exports, 'exports') };
  },
});
