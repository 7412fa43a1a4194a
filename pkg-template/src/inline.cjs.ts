/** The built-in copy of the engine: for CommonJS, in the same file and not compressed, which Jest can read. */
import { fromBase64 } from './base64.js';
import text from './core-raw.js';

/** The engine's bytes. */
export const inlineBytes = async (): Promise<Uint8Array<ArrayBuffer>> => fromBase64(text);
