/** Renames imports from `tidewire/legacy` as the systems' own guides did. */
import j from 'jscodeshift';
import { newNameOf } from './families.js';
import { exportedBy, importedBy, textOf, written } from './specifiers.js';

/**
 * @typedef {import('./source-file.js').SourceFile} SourceFile
 * @typedef {import('./source-file.js').Node} Node
 */

/** @param {SourceFile} sourceFile */
export function renameUses(sourceFile) {
  const usedNames = new Set(
    sourceFile.root
      .find(j.Identifier)
      .nodes()
      .map(({ name }) => name),
  );
  sourceFile.root.find(j.ImportDeclaration).forEach((path) => {
    const entry = textOf(path.node.source);
    for (const specifier of importedBy(path.node)) {
      const { name, alias, node } = specifier;
      const next = newNameOf(entry, name);
      if (!next) continue;
      // The local name changes too, unless the file chose it with `as`, or uses the new name for something else.
      const isFree = alias === name && !usedNames.has(next);
      sourceFile.replace(node, written({ ...specifier, name: next, alias: isFree ? next : alias }));
      if (isFree) renameReferences(sourceFile, path.scope, name, next);
    }
  });
  sourceFile.root.find(j.ExportNamedDeclaration).forEach(({ node }) => {
    if (!node.source) return;
    for (const specifier of exportedBy(node)) {
      const next = newNameOf(textOf(node.source), specifier.name);
      if (next) sourceFile.replace(specifier.node, written({ ...specifier, name: next }));
    }
  });
  renameMockMembers(sourceFile);
}

/**
 * @param {SourceFile} sourceFile
 * @param {import('ast-types/lib/scope.js').Scope} scope where it is imported
 * @param {string} name
 * @param {string} next
 */
function renameReferences(sourceFile, scope, name, next) {
  /** @param {import('jscodeshift').ASTPath} path */
  const visit = (path) => {
    const { node, parent } = path;
    const parentNode = parent.node;
    if (/^Import|^ExportNamed/.test(parentNode.type)) return;
    if (
      path.name === 'property' &&
      !parentNode.computed &&
      /MemberExpression$/.test(parentNode.type)
    )
      return;
    // A shadowing declaration.
    if (path.scope?.lookup(name) !== scope) return;
    if (parentNode.type === 'ExportSpecifier') {
      if (path.name === 'local')
        sourceFile.replace(parentNode, `${next} as ${textOf(parentNode.exported)}`);
      return;
    }
    // A key of an object; an attribute's name.
    if (path.name === 'key' && !parentNode.computed) return;
    if (parentNode.type === 'JSXAttribute') return;
    if (parentNode.shorthand && path.name === 'value')
      sourceFile.replace(parentNode, `${name}: ${next}`);
    else sourceFile.replace(/** @type {Node} */ (node), next);
  };
  // Includes JSX identifiers.
  sourceFile.root.find(j.Identifier, { name }).forEach(visit);
}

/**
 * Renames the members of a mocked entry too.
 *
 * @param {SourceFile} sourceFile
 */
function renameMockMembers(sourceFile) {
  sourceFile.root.find(j.CallExpression).forEach((path) => {
    const [module, factory] = path.node.arguments;
    const entry = module ? textOf(module) : '';
    if (!entry.startsWith('tidewire/legacy/') || !factory) return;
    j(/** @type {any} */ (path))
      .find(j.ObjectExpression)
      .at(0)
      .forEach(({ node }) => {
        for (const property of node.properties) {
          if (!('key' in property)) continue;
          const name = textOf(property.key);
          const next = newNameOf(entry, name);
          if (!next) continue;
          const { shorthand } = /** @type {{ shorthand?: boolean }} */ (property);
          sourceFile.replace(property.key, shorthand ? `${next}: ${name}` : next);
        }
      });
  });
}
