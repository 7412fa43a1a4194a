/** A new id: 128 random bits. Not `randomUUID`, which pages that came over plain http lack. */
export const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
