/** Takes a statement apart by where its names went. */
import { placeOf } from './source-file.js';
import { statement } from './specifiers.js';

/**
 * @typedef {import('./source-file.js').Page} Page
 * @typedef {import('./specifiers.js').Specifier} Specifier
 * @typedef {import('./modules.js').OlderModule} OlderModule
 * @typedef {import('./source-file.js').Node & { source?: import('./source-file.js').Node | null }} Statement
 */

/** Of what is not there. */
const NOWHERE = { start: 0, end: 0 };

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
 * Moves what an import or export names, and leaves the rest of it where it is.
 *
 * @param {Page} page
 * @param {Statement} node
 * @param {OlderModule} older
 * @param {Specifier[]} specifiers
 * @param {string} head such as `import type `
 */
export function moveParts(page, node, older, specifiers, head) {
  const { source } = node;
  if (!source) return;
  const module = page.textOf(source);
  const named = specifiers.map((each) => ({ ...each, name: older.nameFor(each.name) }));
  const find = older.entriesOf(named.map(({ name }) => name));
  if (!find) {
    page.note(node, `${module} may be of several families: --from says of which`);
    return;
  }
  const moved = byEntry(named, find);
  const left = specifiers.filter((_, at) => !find(named[at]?.name ?? ''));
  if (left.length && older.isMeant(named.map(({ name }) => name))) {
    page.note(node, `${module} keeps ${left.map(({ name }) => name).join(', ')}: no entry has it`);
  }
  const [first] = moved.keys();
  if (!first) return;
  const isSame = named.every(({ name }, at) => name === specifiers[at]?.name);
  if (!left.length && moved.size === 1 && isSame) {
    page.nameModule(source, first);
    return;
  }
  const [start, end] = placeOf(node);
  const tail = page.source.slice(placeOf(source)[1], end);
  const went = [...moved].map(([entry, some]) =>
    statement(head, some, `${page.quoted(source, entry)}${tail}`, page.newline),
  );
  if (!left.length) {
    page.replacePlace(start, end, went.join(page.newline));
    return;
  }
  takeOut(page, node, specifiers, left);
  page.replacePlace(end, end, [page.newline, went.join(page.newline)].join(''));
}

/**
 * Takes names out of a statement, in which others stay.
 *
 * @param {Page} page
 * @param {Statement} node
 * @param {readonly Specifier[]} specifiers
 * @param {readonly Specifier[]} left
 */
function takeOut(page, node, specifiers, left) {
  const [start, end] = placeOf(node);
  const open = start + page.source.slice(start, end).indexOf('{');
  // What is imported as the default stands before the braces.
  const standard = specifiers.find((each) => placeOf(each.node)[0] < open);
  const named = specifiers.filter((each) => each !== standard);
  const stay = named.filter((each) => left.includes(each));
  const close = page.source.indexOf(
    '}',
    named.length ? placeOf(named.at(-1)?.node ?? NOWHERE)[1] : open,
  );
  if (standard && !left.includes(standard)) {
    // With the comma after it.
    page.replacePlace(placeOf(standard.node)[0], open, '');
  }
  if (named.length && !stay.length) {
    // What is left is the default: the comma goes with the braces.
    page.replacePlace(placeOf(standard?.node ?? NOWHERE)[1], close + 1, '');
    return;
  }
  const last = named.findLastIndex((each) => left.includes(each));
  named.slice(0, last).forEach((each, at) => {
    if (left.includes(each)) return;
    page.replacePlace(placeOf(each.node)[0], placeOf(named[at + 1]?.node ?? NOWHERE)[0], '');
  });
  cutAfter(page, named.slice(last));
}

/**
 * Takes all but the first of these out, which are the last ones in their braces.
 *
 * @param {Page} page
 * @param {readonly Specifier[]} specifiers
 */
function cutAfter(page, [kept, ...gone]) {
  const [first] = gone;
  if (!kept || !first) return;
  const [, end] = placeOf(gone.at(-1)?.node ?? NOWHERE);
  const from = page.source.slice(0, placeOf(first.node)[0]).trimEnd().length;
  const comma = page.source.slice(end).match(/^\s*,/)?.[0] ?? '';
  page.replacePlace(from, end + comma.length, '');
  if (comma) return;
  // Then the one before needs none either.
  const at = page.source.indexOf(',', placeOf(kept.node)[1]);
  page.replacePlace(at, at + 1, '');
}
