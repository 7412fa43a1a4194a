/** Inflates compressed frames, where the platform supports it. */

/** The first byte of a compressed frame (native protocol, `deflate`); no other format is known. */
const RAW_DEFLATE = 1;

/** Whether the platform supports it; the engine offers compression only then. */
export function canInflate(): boolean {
  try {
    return !!new DecompressionStream('deflate-raw');
  } catch {
    // `DecompressionStream` is missing, or does not support the raw format.
    return false;
  }
}

/**
 * Returns the text of a binary frame: a byte that names the format, then raw DEFLATE of UTF-8. If it is too large,
 * returns its beginning in an array; if it is invalid, `undefined`.
 */
export async function inflate(
  frame: ArrayBuffer,
  maxBytes: number,
): Promise<string | [string] | undefined> {
  if (new Uint8Array(frame)[0] !== RAW_DEFLATE) return undefined;
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const deflated = new Response(frame.slice(1)).body as ReadableStream<Uint8Array<ArrayBuffer>>;
    const reader = deflated.pipeThrough(new DecompressionStream('deflate-raw')).getReader();
    let text = '';
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      size += value.length;
      if (size > maxBytes) {
        // The rest is not inflated.
        await reader.cancel();
        return [text + decoder.decode(value, { stream: true })];
      }
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // Neither DEFLATE nor UTF-8: the engine counts it as invalid.
    return undefined;
  }
}
