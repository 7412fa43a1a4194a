/** Whether two values say the same, whatever objects they are. */

type Members = Record<string, unknown>;

const isPlain = (value: unknown): value is Members => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
};

/** Compares plain objects and arrays by their members, addresses by their text, anything else by identity. */
export function isAlike(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof URL && b instanceof URL) return a.href === b.href;
  if (!isPlain(a) || !isPlain(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  return haveAlikeMembers(a, b, isAlike);
}

/** Compares two objects member by member. */
export function haveAlikeMembers(
  a: object,
  b: object,
  isSame: (a: unknown, b: unknown) => boolean,
): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every(
      (name) => Object.hasOwn(b, name) && isSame((a as Members)[name], (b as Members)[name]),
    )
  );
}
