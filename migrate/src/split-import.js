/** Splits a statement by the entries of its names. */
import { rangeOf } from './source-file.js';
import { statement } from './specifiers.js';

/**
 * @typedef {import('./source-file.js').SourceFile} SourceFile
 * @typedef {import('./specifiers.js').Specifier} Specifier
 * @typedef {import('./modules.js').LegacyModule} LegacyModule
 * @typedef {import('./source-file.js').Node & { source?: import('./source-file.js').Node | null }} Statement
 */

/** The range of a missing node. */
const EMPTY_RANGE = { start: 0, end: 0 };

/**
 * @param {readonly Specifier[]} specifiers
 * @param {(name: string) => string | undefined} find
 * @returns {Map<string, Specifier[]>}
 */
function byEntry(specifiers, find) {
  /** @type {Map<string, Specifier[]>} */
  const groups = new Map();
  for (const specifier of specifiers) {
    const entry = find(specifier.name);
    if (entry) groups.set(entry, [...(groups.get(entry) ?? []), specifier]);
  }
  return groups;
}

/**
 * Moves the names of an import or export that have an entry, and keeps the others.
 *
 * @param {SourceFile} sourceFile
 * @param {Statement} node
 * @param {LegacyModule} legacy
 * @param {Specifier[]} specifiers
 * @param {string} head such as `import type `
 */
export function splitImport(sourceFile, node, legacy, specifiers, head) {
  const { source } = node;
  if (!source) return;
  const module = sourceFile.textOf(source);
  const named = specifiers.map((each) => ({ ...each, name: legacy.nameFor(each.name) }));
  const find = legacy.entriesOf(named.map(({ name }) => name));
  if (!find) {
    sourceFile.note(node, `${module} may belong to several families: pass --from to choose one`);
    return;
  }
  const moved = byEntry(named, find);
  const remaining = specifiers.filter((_, at) => !find(named[at]?.name ?? ''));
  if (remaining.length && legacy.isRelevant(named.map(({ name }) => name))) {
    sourceFile.note(
      node,
      `${module} keeps ${remaining.map(({ name }) => name).join(', ')}: no entry has it`,
    );
  }
  const [first] = moved.keys();
  if (!first) return;
  const isSame = named.every(({ name }, at) => name === specifiers[at]?.name);
  if (!remaining.length && moved.size === 1 && isSame) {
    sourceFile.renameModule(source, first);
    return;
  }
  const [start, end] = rangeOf(node);
  const tail = sourceFile.source.slice(rangeOf(source)[1], end);
  const movedStatements = [...moved].map(([entry, some]) =>
    statement(head, some, `${sourceFile.quoted(source, entry)}${tail}`, sourceFile.newline),
  );
  if (!remaining.length) {
    sourceFile.replaceRange(start, end, movedStatements.join(sourceFile.newline));
    return;
  }
  removeNames(sourceFile, node, specifiers, remaining);
  sourceFile.replaceRange(
    end,
    end,
    [sourceFile.newline, movedStatements.join(sourceFile.newline)].join(''),
  );
}

/**
 * Removes names from a statement in which others remain.
 *
 * @param {SourceFile} sourceFile
 * @param {Statement} node
 * @param {readonly Specifier[]} specifiers
 * @param {readonly Specifier[]} remaining
 */
function removeNames(sourceFile, node, specifiers, remaining) {
  const [start, end] = rangeOf(node);
  const open = start + sourceFile.source.slice(start, end).indexOf('{');
  // A default import is before the braces.
  const standard = specifiers.find((each) => rangeOf(each.node)[0] < open);
  const named = specifiers.filter((each) => each !== standard);
  const remainingNamed = named.filter((each) => remaining.includes(each));
  const close = sourceFile.source.indexOf(
    '}',
    named.length ? rangeOf(named.at(-1)?.node ?? EMPTY_RANGE)[1] : open,
  );
  if (standard && !remaining.includes(standard)) {
    // Including the comma after it.
    sourceFile.replaceRange(rangeOf(standard.node)[0], open, '');
  }
  if (named.length && !remainingNamed.length) {
    // Only the default remains: the comma is removed with the braces.
    sourceFile.replaceRange(rangeOf(standard?.node ?? EMPTY_RANGE)[1], close + 1, '');
    return;
  }
  const last = named.findLastIndex((each) => remaining.includes(each));
  named.slice(0, last).forEach((each, at) => {
    if (remaining.includes(each)) return;
    sourceFile.replaceRange(
      rangeOf(each.node)[0],
      rangeOf(named[at + 1]?.node ?? EMPTY_RANGE)[0],
      '',
    );
  });
  removeTrailing(sourceFile, named.slice(last));
}

/**
 * Removes all but the first of these, which are the last ones in their braces.
 *
 * @param {SourceFile} sourceFile
 * @param {readonly Specifier[]} specifiers
 */
function removeTrailing(sourceFile, [kept, ...removed]) {
  const [first] = removed;
  if (!kept || !first) return;
  const [, end] = rangeOf(removed.at(-1)?.node ?? EMPTY_RANGE);
  const from = sourceFile.source.slice(0, rangeOf(first.node)[0]).trimEnd().length;
  const comma = sourceFile.source.slice(end).match(/^\s*,/)?.[0] ?? '';
  sourceFile.replaceRange(from, end + comma.length, '');
  if (comma) return;
  // Then the remaining name needs no comma either.
  const at = sourceFile.source.indexOf(',', rangeOf(kept.node)[1]);
  sourceFile.replaceRange(at, at + 1, '');
}
