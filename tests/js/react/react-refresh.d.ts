/** The functions that the tests use; the package has no types. */
declare module 'react-refresh/runtime' {
  const runtime: {
    injectIntoGlobalHook(window: object): void;
    createSignatureFunctionForTransform(): (
      type: unknown,
      signature: string,
      forceReset: boolean,
    ) => void;
    register(type: unknown, name: string): void;
    performReactRefresh(): unknown;
  };
  export default runtime;
}
