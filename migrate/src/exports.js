/** Re-exports from other modules. */
import j from 'jscodeshift';
import { moveWhole } from './imports.js';
import { legacyModule } from './modules.js';
import { exportedBy, prefixOf, textOf } from './specifiers.js';
import { splitImport } from './split-import.js';

/** @typedef {import('./source-file.js').SourceFile} SourceFile */

/** @param {SourceFile} sourceFile */
export function moveExports(sourceFile) {
  sourceFile.root.find(j.ExportAllDeclaration).forEach(({ node }) => {
    const legacy = legacyModule(textOf(node.source), sourceFile.options);
    if (legacy) moveWhole(sourceFile, node.source, legacy, []);
  });
  sourceFile.root.find(j.ExportNamedDeclaration).forEach(({ node }) => {
    const legacy = node.source && legacyModule(textOf(node.source), sourceFile.options);
    if (legacy) move(sourceFile, node, legacy);
  });
}

/**
 * @param {SourceFile} sourceFile
 * @param {import('jscodeshift').ExportNamedDeclaration} node
 * @param {import('./modules.js').LegacyModule} legacy
 */
function move(sourceFile, node, legacy) {
  const { source } = node;
  if (!source) return;
  const specifiers = exportedBy(node);
  // `export * as realtime` is one of these too.
  if (!specifiers.length) {
    moveWhole(sourceFile, source, legacy, []);
    return;
  }
  splitImport(sourceFile, node, legacy, specifiers, `export ${prefixOf(node)}`);
}
