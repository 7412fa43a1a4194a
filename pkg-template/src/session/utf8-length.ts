/** The size of texts in bytes of UTF-8. */

const encoder = new TextEncoder();

/** Where texts are encoded: nothing is allocated for one that fits. */
const room = new Uint8Array(16_384);

/** The most bytes that a UTF-16 unit of a text has in UTF-8. */
const BYTES_OF_UNIT = 3;

/** Returns the size of a text in bytes of UTF-8. */
export const utf8Length = (text: string): number =>
  text.length * BYTES_OF_UNIT > room.length
    ? encoder.encode(text).length
    : encoder.encodeInto(text, room).written;
