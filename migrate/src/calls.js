/** Modules that are named in calls: `require`, `import()`, and those of tests that stand in for modules. */
import j from 'jscodeshift';
import { moveWhole } from './imports.js';
import { olderModule } from './modules.js';
import { textOf } from './specifiers.js';
import { membersOf, namesTakenBy } from './uses.js';

/**
 * @typedef {import('./source-file.js').Page} Page
 * @typedef {import('jscodeshift').ASTPath} Path
 */

/** Of vitest and jest. */
const STAND_INS = new Set([
  'mock',
  'unmock',
  'doMock',
  'dontMock',
  'doUnmock',
  'setMock',
  'requireActual',
  'requireMock',
  'importActual',
  'importMock',
  'unstable_mockModule',
  'createMockFromModule',
]);

/** @param {{ type: string }} node */
const isText = ({ type }) => type === 'StringLiteral' || type === 'Literal';

/** @param {Page} page */
export function moveCalls(page) {
  page.root.find(j.CallExpression).forEach((path) => {
    const {
      callee,
      arguments: [literal],
    } = path.node;
    if (!literal || !isText(literal) || !namesModule(callee)) return;
    const older = olderModule(textOf(literal), page.options);
    if (older) moveWhole(page, literal, older, usedNames(page, path));
  });
  page.root.find(j.TSImportType).forEach(({ node }) => {
    const older = olderModule(textOf(node.argument), page.options);
    const { qualifier } = node;
    if (older) moveWhole(page, node.argument, older, qualifier ? [firstOf(qualifier)] : []);
  });
}

/** @param {{ type: string, name?: unknown }} callee */
function namesModule(callee) {
  if (callee.type === 'Import' || callee.name === 'require') return true;
  if (callee.type !== 'MemberExpression') return false;
  const { object, property } = /** @type {import('jscodeshift').MemberExpression} */ (callee);
  const { name } = /** @type {{ name?: unknown }} */ (object);
  return (name === 'vi' || name === 'jest') && STAND_INS.has(textOf(property));
}

/**
 * @param {object} name `A`, or `A.B`
 * @returns {string}
 */
function firstOf(name) {
  const { left } = /** @type {{ left?: object }} */ (name);
  return left ? firstOf(left) : textOf(name);
}

/**
 * What is used of a module that a call gives, as far as that shows.
 *
 * @param {Page} page
 * @param {Path} path
 * @returns {string[]}
 */
function usedNames(page, path) {
  const { node } = path;
  const { parent } = path;
  const holder = parent?.node;
  switch (holder?.type) {
    case 'AwaitExpression':
      return usedNames(page, parent);
    case 'VariableDeclarator':
      return namesTakenBy(holder.id) ?? (holder.id.name ? membersOf(page, holder.id.name) : []);
    case 'MemberExpression': {
      if (holder.object !== node || holder.computed) return [];
      const member = textOf(holder.property);
      const call = parent.parent?.node;
      // A promise of it: what the callback takes.
      if (member !== 'then' || call?.type !== 'CallExpression') return [member];
      const [parameter] = call.arguments[0]?.params ?? [];
      if (!parameter) return [];
      return namesTakenBy(parameter) ?? membersOf(page, textOf(parameter));
    }
    default:
      return [];
  }
}
