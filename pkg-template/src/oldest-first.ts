/** The order of rows by the time they were made. */

/** When a row was made; one that does not say so is being made now. */
const createdAt = (row: object): string => {
  const { created_at: created } = row as { created_at?: unknown };
  return typeof created === 'string' ? created : '\uffff';
};

/** Compares two rows by `created_at`, for `sort` of a collection. */
export const oldestFirst = (a: object, b: object): number => {
  const [first, second] = [createdAt(a), createdAt(b)];
  return first < second ? -1 : Number(first > second);
};
