/** The members used of a namespace. */
import j from 'jscodeshift';
import { textOf } from './specifiers.js';

/**
 * The members that are read of a name: `realtime.useInterviews`, `<realtime.Provider>`, `realtime.Note`.
 *
 * @param {import('./source-file.js').SourceFile} sourceFile
 * @param {string} local
 * @returns {string[]}
 */
export function membersOf({ root }, local) {
  /** @type {Set<string>} */
  const members = new Set();
  root
    .find(j.MemberExpression, { object: { name: local }, computed: false })
    .forEach(({ node }) => {
      members.add(textOf(node.property));
    });
  root.find(j.JSXMemberExpression, { object: { name: local } }).forEach(({ node }) => {
    members.add(textOf(node.property));
  });
  root.find(j.TSQualifiedName, { left: { name: local } }).forEach(({ node }) => {
    members.add(textOf(node.right));
  });
  return [...members];
}

/**
 * The names in a destructuring pattern: `{ a, b: c }`. `undefined` if they cannot be determined.
 *
 * @param {{ type: string }} pattern
 * @returns {string[] | undefined}
 */
export function destructuredNames(pattern) {
  if (pattern.type !== 'ObjectPattern') return undefined;
  const { properties } = /** @type {import('jscodeshift').ObjectPattern} */ (pattern);
  /** @type {string[]} */
  const names = [];
  for (const property of properties) {
    if (!('key' in property) || ('computed' in property && property.computed)) return undefined;
    names.push(textOf(property.key));
  }
  return names;
}
