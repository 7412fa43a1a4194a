/** Makes many ids at little cost. The facade has a smaller function for the first ones. */

const ID_BYTES = 16;

/** The hexadecimal digits of every byte. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Random bytes, of which the first ones are used up: one call of the browser's generator is enough for many ids. */
const random = new Uint8Array(32 * ID_BYTES);
let used = random.length;

/** Returns a new id of 128 random bits. */
export function pooledId(): string {
  if (used === random.length) {
    crypto.getRandomValues(random);
    used = 0;
  }
  let id = '';
  for (const end = used + ID_BYTES; used < end; used++) id += HEX[random[used] as number];
  return id;
}
