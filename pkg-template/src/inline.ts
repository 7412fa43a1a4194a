/** The built-in copy of the engine: for ES modules, a chunk that the facade has imported. */
import { fromBase64 } from './base64.js';

/** The engine's bytes. */
export async function inlineBytes(chunk: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const deflated = fromBase64((chunk as { default: string }).default);
  try {
    const stream = new DecompressionStream('deflate-raw');
    const writer = stream.writable.getWriter();
    // An error surfaces at the readable end.
    writer.write(deflated).catch(() => {});
    writer.close().catch(() => {});
    // Not `Blob.stream()`: jsdom has none.
    return new Uint8Array(await new Response(stream.readable).arrayBuffer());
  } catch {
    const { inflateSync } = await import('./core-inflate.js');
    return inflateSync(deflated) as Uint8Array<ArrayBuffer>;
  }
}
