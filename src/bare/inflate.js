// Inflates compressed frames, where the platform supports it.

// The first byte of a compressed frame (native protocol, `deflate`); no other format is known.
const RAW_DEFLATE = 1;

/** Whether the platform can inflate. */
export function canInflate() {
  try {
    return !!new DecompressionStream('deflate-raw');
  } catch {
    // `DecompressionStream` is missing, or does not support the raw format.
    return false;
  }
}

/**
 * Inflates a frame: a byte with the format, then raw DEFLATE of UTF-8. Returns its text; if it is too large, the
 * beginning of the text in an array; if it is invalid, `undefined`.
 */
export async function inflate(frame, maxBytes) {
  if (new Uint8Array(frame)[0] !== RAW_DEFLATE) return undefined;
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const stream = new Response(frame.slice(1)).body.pipeThrough(
      new DecompressionStream('deflate-raw'),
    );
    const reader = stream.getReader();
    let text = '';
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      size += value.length;
      text += decoder.decode(value, { stream: true });
      if (size > maxBytes) {
        // The rest is not inflated.
        await reader.cancel();
        return [text];
      }
    }
  } catch {
    // Neither DEFLATE nor UTF-8: it is counted as invalid.
    return undefined;
  }
}
