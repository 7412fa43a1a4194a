/** Filters of rows, as the server reads them. */

/** What would end a value early is put in quotes. */
const quoted = (value: string): string =>
  /[,()"\\\s]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;

/** Rows whose column has this value, or one of these; `undefined` is no condition. */
export type Condition = readonly [column: string, value: string | readonly string[] | undefined];

/** All of these hold; `undefined` if there is nothing to hold. */
export function rowFilter(...conditions: Condition[]): string | undefined {
  const parts = conditions.flatMap(([column, value]) => {
    if (value === undefined || value.length === 0) return [];
    if (typeof value === 'string') return [`${column}=eq.${quoted(value)}`];
    return [`${column}=in.(${value.map(quoted).join(',')})`];
  });
  return parts.length ? parts.join(',') : undefined;
}
