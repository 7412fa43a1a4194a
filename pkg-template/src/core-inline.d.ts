/** The engine: wasm, deflated, in base64. Written by the build. */
declare const text: string;
export default text;
