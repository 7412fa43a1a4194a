/** A fallback for TextEncoder and TextDecoder where the platform has none (Jest's jsdom); the build injects it. */

class Encoder {
  encode(text: string): Uint8Array {
    const escaped = encodeURIComponent(text).replace(/%(..)/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    return Uint8Array.from(escaped, (c) => c.charCodeAt(0));
  }

  /** Encodes a text for which there is room. */
  encodeInto(text: string, room: Uint8Array): { read: number; written: number } {
    const bytes = this.encode(text);
    room.set(bytes);
    return { read: text.length, written: bytes.length };
  }
}

class Decoder {
  decode(bytes: Uint8Array = new Uint8Array()): string {
    let escaped = '';
    for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, '0')}`;
    return decodeURIComponent(escaped);
  }
}

const { TextDecoder: NativeDecoder = Decoder, TextEncoder: NativeEncoder = Encoder } =
  globalThis as { TextDecoder?: unknown; TextEncoder?: unknown };

export { NativeDecoder as TextDecoder, NativeEncoder as TextEncoder };
