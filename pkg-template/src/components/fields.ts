/** What a row of another user may hold is anything: what components show of it are texts and numbers. */

const plain = new WeakMap<object, object>();

/**
 * The row without the fields that hold objects or functions, which nothing here can show; the row itself if there are none.
 * For what components read by themselves: an app's `renderItem` gets the row as it is.
 */
export function fields<T extends object>(row: T): T {
  let found = plain.get(row);
  if (!found) {
    const all = Object.entries(row);
    const shown = all.filter(([, value]) => !(value instanceof Object));
    found = shown.length < all.length ? Object.fromEntries(shown) : row;
    plain.set(row, found);
  }
  return found as T;
}
