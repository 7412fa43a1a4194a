/** Exports of what other modules have. */
import j from 'jscodeshift';
import { moveWhole } from './imports.js';
import { olderModule } from './modules.js';
import { exportedBy, prefixOf, textOf } from './specifiers.js';
import { moveParts } from './split-import.js';

/** @typedef {import('./source-file.js').Page} Page */

/** @param {Page} page */
export function moveExports(page) {
  page.root.find(j.ExportAllDeclaration).forEach(({ node }) => {
    const older = olderModule(textOf(node.source), page.options);
    if (older) moveWhole(page, node.source, older, []);
  });
  page.root.find(j.ExportNamedDeclaration).forEach(({ node }) => {
    const older = node.source && olderModule(textOf(node.source), page.options);
    if (older) move(page, node, older);
  });
}

/**
 * @param {Page} page
 * @param {import('jscodeshift').ExportNamedDeclaration} node
 * @param {import('./modules.js').OlderModule} older
 */
function move(page, node, older) {
  const { source } = node;
  if (!source) return;
  const specifiers = exportedBy(node);
  // `export * as realtime` is one of these too.
  if (!specifiers.length) {
    moveWhole(page, source, older, []);
    return;
  }
  moveParts(page, node, older, specifiers, `export ${prefixOf(node)}`);
}
