/** The order of rows by creation time. */

/** A row's creation time; a row without one is new and comes last. */
const createdAt = (row: object): string => {
  const { created_at: created } = row as { created_at?: unknown };
  return typeof created === 'string' ? created : '\uffff';
};

/** Compares two rows by `created_at`, for `sort` of a collection. */
export const oldestFirst = (a: object, b: object): number => {
  const [first, second] = [createdAt(a), createdAt(b)];
  return first < second ? -1 : Number(first > second);
};
