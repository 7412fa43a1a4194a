/** Makes one import of several from the same entry. */
import j from 'jscodeshift';
import { placeOf } from './source-file.js';
import { importedBy, prefixOf, textOf, written } from './specifiers.js';

/**
 * @typedef {import('./source-file.js').Page} Page
 * @typedef {import('jscodeshift').ImportDeclaration} Declaration
 */

/** @param {Page} page */
export function joinImports(page) {
  /** @type {Map<string, Declaration>} */
  const firsts = new Map();
  page.root.find(j.ImportDeclaration).forEach(({ node }) => {
    const entry = textOf(node.source);
    const isNamed = node.specifiers?.every(({ type }) => type === 'ImportSpecifier');
    if (!entry.startsWith('tidewire/legacy/') || !isNamed || !node.specifiers?.length) return;
    const key = `${prefixOf(node)}${entry}`;
    const first = firsts.get(key);
    if (first) join(page, first, node);
    else firsts.set(key, node);
  });
}

/**
 * @param {Page} page
 * @param {Declaration} first
 * @param {Declaration} other
 */
function join(page, first, other) {
  const known = importedBy(first);
  const added = importedBy(other).filter(({ alias }) => !known.some((one) => one.alias === alias));
  const last = known.at(-1)?.node ?? first;
  const [start, end] = placeOf(last);
  const line = page.source.slice(page.source.lastIndexOf('\n', start) + 1, start);
  // Names that stand each on a line of their own go on like that.
  const between = /^\s*$/.test(line) ? `,${page.newline}${line}` : ', ';
  page.replacePlace(end, end, added.map((each) => `${between}${written(each)}`).join(''));
  const [from, to] = placeOf(other);
  const rest = page.source.slice(to).match(/^[ \t]*\r?\n/)?.[0] ?? '';
  page.replacePlace(from, to + rest.length, '');
}
