/** Merges imports from the same entry. */
import j from 'jscodeshift';
import { rangeOf } from './source-file.js';
import { importedBy, prefixOf, textOf, written } from './specifiers.js';

/**
 * @typedef {import('./source-file.js').SourceFile} SourceFile
 * @typedef {import('jscodeshift').ImportDeclaration} Declaration
 */

/** @param {SourceFile} sourceFile */
export function mergeImports(sourceFile) {
  /** @type {Map<string, Declaration>} */
  const firsts = new Map();
  sourceFile.root.find(j.ImportDeclaration).forEach(({ node }) => {
    const entry = textOf(node.source);
    const isNamed = node.specifiers?.every(({ type }) => type === 'ImportSpecifier');
    if (!entry.startsWith('tidewire/legacy/') || !isNamed || !node.specifiers?.length) return;
    const key = `${prefixOf(node)}${entry}`;
    const first = firsts.get(key);
    if (first) join(sourceFile, first, node);
    else firsts.set(key, node);
  });
}

/**
 * @param {SourceFile} sourceFile
 * @param {Declaration} first
 * @param {Declaration} other
 */
function join(sourceFile, first, other) {
  const known = importedBy(first);
  const added = importedBy(other).filter(({ alias }) => !known.some((one) => one.alias === alias));
  const last = known.at(-1)?.node ?? first;
  const [start, end] = rangeOf(last);
  const line = sourceFile.source.slice(sourceFile.source.lastIndexOf('\n', start) + 1, start);
  // Names on separate lines keep that style.
  const between = /^\s*$/.test(line) ? `,${sourceFile.newline}${line}` : ', ';
  sourceFile.replaceRange(end, end, added.map((each) => `${between}${written(each)}`).join(''));
  const [from, to] = rangeOf(other);
  const rest = sourceFile.source.slice(to).match(/^[ \t]*\r?\n/)?.[0] ?? '';
  sourceFile.replaceRange(from, to + rest.length, '');
}
