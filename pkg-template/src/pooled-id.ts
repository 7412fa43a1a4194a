/** Makes many ids at little cost. The facade has a smaller function for the first ones. */

/** Random numbers, of which the first ones are used up: one call of the browser's generator is enough for many ids. */
const random = new BigUint64Array(64);
let used = random.length;

/** Returns 64 random bits as 16 hexadecimal digits. */
const half = (): string => ((random[used++] as bigint) | (1n << 64n)).toString(16).slice(1);

/** Returns a new id of 128 random bits. */
export function pooledId(): string {
  if (used === random.length) {
    crypto.getRandomValues(random);
    used = 0;
  }
  return half() + half();
}
