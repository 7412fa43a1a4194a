/** The names in the braces of an import or export, and how they are written. */

/**
 * @typedef {object} Specifier
 * @property {string} name its name in the module
 * @property {string} alias its name after `as`
 * @property {string} prefix `type ` or nothing
 * @property {Node} node
 *
 * @typedef {import('./source-file.js').Node} Node
 *
 * @typedef {{ importKind?: unknown, exportKind?: unknown }} Kind
 */

/** @param {object} node an identifier, or a text */
export const textOf = (node) => {
  const { name, value } = /** @type {{ name?: unknown, value?: unknown }} */ (node);
  return String(name ?? value);
};

/** @param {object} node */
export const prefixOf = (node) => {
  const { importKind, exportKind } = /** @type {Kind} */ (node);
  return (importKind ?? exportKind) === 'type' ? 'type ' : '';
};

/** @param {Specifier} specifier */
export const written = ({ name, alias, prefix }) =>
  name === alias ? `${prefix}${name}` : `${prefix}${name} as ${alias}`;

/**
 * The names of an import, without namespace imports.
 *
 * @param {import('jscodeshift').ImportDeclaration} node
 * @returns {Specifier[]}
 */
export function importedBy(node) {
  /** @type {Specifier[]} */
  const found = [];
  for (const each of node.specifiers ?? []) {
    const alias = textOf(each.local ?? {});
    if (each.type === 'ImportDefaultSpecifier') {
      found.push({ name: 'default', alias, prefix: '', node: /** @type {Node} */ (each) });
    } else if (each.type === 'ImportSpecifier') {
      const name = textOf(each.imported);
      found.push({
        name,
        alias: each.local ? alias : name,
        prefix: prefixOf(each),
        node: /** @type {Node} */ (each),
      });
    }
  }
  return found;
}

/**
 * The names of an export, without namespace exports.
 *
 * @param {import('jscodeshift').ExportNamedDeclaration} node
 * @returns {Specifier[]}
 */
export function exportedBy(node) {
  /** @type {Specifier[]} */
  const found = [];
  for (const each of node.specifiers ?? []) {
    if (each.type !== 'ExportSpecifier') continue;
    const { local, exported } = /** @type {import('jscodeshift').ExportSpecifier} */ (each);
    const name = textOf(local ?? exported);
    found.push({
      name,
      alias: textOf(exported),
      prefix: prefixOf(each),
      node: /** @type {Node} */ (each),
    });
  }
  return found;
}

/**
 * An import or export with names; on several lines if one would be too long. Default imports are written too.
 *
 * @param {string} head such as `import type `
 * @param {readonly Specifier[]} specifiers
 * @param {string} from the quoted module, and what follows it
 * @param {string} newline
 */
export function statement(head, specifiers, from, newline) {
  const standard = specifiers.find(({ name }) => name === 'default' && head.startsWith('import'));
  const names = specifiers.filter((each) => each !== standard).map(written);
  const first = standard ? [standard.alias] : [];
  /** @param {string} braces */
  const whole = (braces) =>
    `${head}${[...first, ...(braces ? [braces] : [])].join(', ')} from ${from}`;
  if (!names.length) return whole('');
  const line = whole(`{ ${names.join(', ')} }`);
  if (line.length <= 100) return line;
  return whole(`{${newline}${names.map((name) => `  ${name},${newline}`).join('')}}`);
}
