/** Filters of rows, in the server's syntax. */

/** Returns a value for a filter, in quotes if it contains delimiters. */
const quoted = (value: string): string =>
  /[,()"\\\s]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;

/** Selects rows whose column has this value, or one of these; `undefined` selects all. */
export type Condition = readonly [column: string, value: string | readonly string[] | undefined];

/** Returns a filter that requires all conditions; `undefined` if there are none. */
export function rowFilter(...conditions: Condition[]): string | undefined {
  const parts = conditions.flatMap(([column, value]) => {
    if (value === undefined || value.length === 0) return [];
    if (typeof value === 'string') return [`${column}=eq.${quoted(value)}`];
    return [`${column}=in.(${value.map(quoted).join(',')})`];
  });
  return parts.length ? parts.join(',') : undefined;
}
