/** Import declarations. */
import j from 'jscodeshift';
import { olderModule } from './modules.js';
import { importedBy, prefixOf, textOf } from './specifiers.js';
import { moveParts } from './split-import.js';
import { membersOf } from './uses.js';

/**
 * @typedef {import('./source-file.js').Page} Page
 * @typedef {import('jscodeshift').ImportDeclaration} Declaration
 * @typedef {import('./modules.js').OlderModule} OlderModule
 */

/** @param {Page} page */
export function moveImports(page) {
  page.root.find(j.ImportDeclaration).forEach(({ node }) => {
    const older = olderModule(textOf(node.source), page.options);
    if (older) move(page, node, older);
  });
  page.root.find(j.TSImportEqualsDeclaration).forEach(({ node }) => {
    const { moduleReference, id } = node;
    if (moduleReference.type !== 'TSExternalModuleReference') return;
    const literal = moduleReference.expression;
    const older = olderModule(textOf(literal), page.options);
    if (older) moveWhole(page, literal, older, membersOf(page, textOf(id)));
  });
}

/**
 * @param {Page} page
 * @param {import('./source-file.js').Node} literal the module's name
 * @param {OlderModule} older
 * @param {readonly string[]} names what is used of it
 */
export function moveWhole(page, literal, older, names) {
  const entry = older.entryOfAll(names);
  if (entry) page.nameModule(literal, entry);
  else if (older.isMeant(names)) {
    page.note(
      literal,
      `${page.textOf(literal)} is taken as a whole, and no one entry has what is used of it`,
    );
  }
}

/**
 * @param {Page} page
 * @param {Declaration} node
 * @param {OlderModule} older
 */
function move(page, node, older) {
  const whole = node.specifiers?.find(({ type }) => type === 'ImportNamespaceSpecifier');
  const specifiers = importedBy(node);
  if (whole) {
    moveWhole(page, node.source, older, [
      ...specifiers.map(({ name }) => name),
      ...membersOf(page, textOf(whole.local ?? {})),
    ]);
    return;
  }
  // For its effect alone: there is none to be had from an entry.
  if (!specifiers.length) return;
  moveParts(page, node, older, specifiers, `import ${prefixOf(node)}`);
}
