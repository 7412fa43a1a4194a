/** The module that wasm-bindgen generates from `src/engine`; the build resolves it to the generated file. */
declare module 'tidewire-glue' {
  export const Engine: import('./generated/engine-interface.js').EngineModule['Engine'];
  /** Starts the compiled engine. */
  export function initSync(options: { module: WebAssembly.Module }): unknown;
  /** Drops the running instance and starts another of the same module. */
  export function __wbg_reset_state(): void;
}
