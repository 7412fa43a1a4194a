/** Untrusted rows: a field may have any value, while components show only strings and numbers. */

const plain = new WeakMap<object, object>();

/**
 * Returns the row without fields with objects or functions, which components cannot show; the row itself if it has
 * none. For the components' own use: an app's `renderItem` gets the row as it is.
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
