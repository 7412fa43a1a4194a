/** Import declarations. */
import j from 'jscodeshift';
import { legacyModule } from './modules.js';
import { importedBy, prefixOf, textOf } from './specifiers.js';
import { splitImport } from './split-import.js';
import { membersOf } from './uses.js';

/**
 * @typedef {import('./source-file.js').SourceFile} SourceFile
 * @typedef {import('jscodeshift').ImportDeclaration} Declaration
 * @typedef {import('./modules.js').LegacyModule} LegacyModule
 */

/** @param {SourceFile} sourceFile */
export function moveImports(sourceFile) {
  sourceFile.root.find(j.ImportDeclaration).forEach(({ node }) => {
    const legacy = legacyModule(textOf(node.source), sourceFile.options);
    if (legacy) move(sourceFile, node, legacy);
  });
  sourceFile.root.find(j.TSImportEqualsDeclaration).forEach(({ node }) => {
    const { moduleReference, id } = node;
    if (moduleReference.type !== 'TSExternalModuleReference') return;
    const literal = moduleReference.expression;
    const legacy = legacyModule(textOf(literal), sourceFile.options);
    if (legacy) moveWhole(sourceFile, literal, legacy, membersOf(sourceFile, textOf(id)));
  });
}

/**
 * @param {SourceFile} sourceFile
 * @param {import('./source-file.js').Node} literal the module's name
 * @param {LegacyModule} legacy
 * @param {readonly string[]} names what is used of it
 */
export function moveWhole(sourceFile, literal, legacy, names) {
  const entry = legacy.entryOfAll(names);
  if (entry) sourceFile.renameModule(literal, entry);
  else if (legacy.isRelevant(names)) {
    sourceFile.note(
      literal,
      `${sourceFile.textOf(literal)} is taken as a whole, and no one entry has what is used of it`,
    );
  }
}

/**
 * @param {SourceFile} sourceFile
 * @param {Declaration} node
 * @param {LegacyModule} legacy
 */
function move(sourceFile, node, legacy) {
  const whole = node.specifiers?.find(({ type }) => type === 'ImportNamespaceSpecifier');
  const specifiers = importedBy(node);
  if (whole) {
    moveWhole(sourceFile, node.source, legacy, [
      ...specifiers.map(({ name }) => name),
      ...membersOf(sourceFile, textOf(whole.local ?? {})),
    ]);
    return;
  }
  // A side-effect import: the entries have no side effects.
  if (!specifiers.length) return;
  splitImport(sourceFile, node, legacy, specifiers, `import ${prefixOf(node)}`);
}
