/** Gives what comes from `tidewire/legacy` the names that the systems' own guides renamed it to. */
import j from 'jscodeshift';
import { newNameOf } from './families.js';
import { exportedBy, importedBy, textOf, written } from './specifiers.js';

/**
 * @typedef {import('./source-file.js').Page} Page
 * @typedef {import('./source-file.js').Node} Node
 */

/** @param {Page} page */
export function renameUses(page) {
  const taken = new Set(
    page.root
      .find(j.Identifier)
      .nodes()
      .map(({ name }) => name),
  );
  page.root.find(j.ImportDeclaration).forEach((path) => {
    const entry = textOf(path.node.source);
    for (const specifier of importedBy(path.node)) {
      const { name, alias, node } = specifier;
      const next = newNameOf(entry, name);
      if (!next) continue;
      // Its name here changes too, unless the file chose it, or has the new one for something else.
      const isFree = alias === name && !taken.has(next);
      page.replace(node, written({ ...specifier, name: next, alias: isFree ? next : alias }));
      if (isFree) renameReferences(page, path.scope, name, next);
    }
  });
  page.root.find(j.ExportNamedDeclaration).forEach(({ node }) => {
    if (!node.source) return;
    for (const specifier of exportedBy(node)) {
      const next = newNameOf(textOf(node.source), specifier.name);
      if (next) page.replace(specifier.node, written({ ...specifier, name: next }));
    }
  });
  renameStandIns(page);
}

/**
 * @param {Page} page
 * @param {import('ast-types/lib/scope.js').Scope} scope where it is imported
 * @param {string} name
 * @param {string} next
 */
function renameReferences(page, scope, name, next) {
  /** @param {import('jscodeshift').ASTPath} path */
  const visit = (path) => {
    const { node, parent } = path;
    const holder = parent.node;
    if (/^Import|^ExportNamed/.test(holder.type)) return;
    if (path.name === 'property' && !holder.computed && /MemberExpression$/.test(holder.type))
      return;
    // The name of something else in here.
    if (path.scope?.lookup(name) !== scope) return;
    if (holder.type === 'ExportSpecifier') {
      if (path.name === 'local') page.replace(holder, `${next} as ${textOf(holder.exported)}`);
      return;
    }
    // A key of an object; an attribute's name.
    if (path.name === 'key' && !holder.computed) return;
    if (holder.type === 'JSXAttribute') return;
    if (holder.shorthand && path.name === 'value') page.replace(holder, `${name}: ${next}`);
    else page.replace(/** @type {Node} */ (node), next);
  };
  // Those of JSX are found too.
  page.root.find(j.Identifier, { name }).forEach(visit);
}

/**
 * What a test puts in the place of an entry has its names too.
 *
 * @param {Page} page
 */
function renameStandIns(page) {
  page.root.find(j.CallExpression).forEach((path) => {
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
          page.replace(property.key, shorthand ? `${next}: ${name}` : next);
        }
      });
  });
}
