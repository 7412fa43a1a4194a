/** What wasm-bindgen makes of `src/engine`; the build puts the real file in its place. */
declare module 'tidewire-glue' {
  export const Engine: import('./session/engine-abi.js').EngineModule['Engine'];
  /** Starts the compiled engine. */
  export function initSync(options: { module: WebAssembly.Module }): unknown;
  /** Drops the running instance and starts another of the same module. */
  export function __wbg_reset_state(): void;
}
