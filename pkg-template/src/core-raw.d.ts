/** The engine: wasm in base64, not compressed. Made by the build, for CommonJS. */
declare const text: string;
export default text;
