/** The bytes of a base64 text. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const { fromBase64: native } = Uint8Array as {
    fromBase64?: (text: string) => Uint8Array<ArrayBuffer>;
  };
  return native
    ? native.call(Uint8Array, text)
    : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
