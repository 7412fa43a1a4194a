/** Modules named in calls: `require`, `import()`, and the mock functions of tests. */
import j from 'jscodeshift';
import { moveWhole } from './imports.js';
import { legacyModule } from './modules.js';
import { textOf } from './specifiers.js';
import { destructuredNames, membersOf } from './uses.js';

/**
 * @typedef {import('./source-file.js').SourceFile} SourceFile
 * @typedef {import('jscodeshift').ASTPath} Path
 */

/** Functions of vitest and jest that take a module name. */
const MOCK_FUNCTIONS = new Set([
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

/** @param {SourceFile} sourceFile */
export function moveCalls(sourceFile) {
  sourceFile.root.find(j.CallExpression).forEach((path) => {
    const {
      callee,
      arguments: [literal],
    } = path.node;
    if (!literal || !isText(literal) || !namesModule(callee)) return;
    const legacy = legacyModule(textOf(literal), sourceFile.options);
    if (legacy) moveWhole(sourceFile, literal, legacy, usedNames(sourceFile, path));
  });
  sourceFile.root.find(j.TSImportType).forEach(({ node }) => {
    const legacy = legacyModule(textOf(node.argument), sourceFile.options);
    const { qualifier } = node;
    if (legacy) moveWhole(sourceFile, node.argument, legacy, qualifier ? [firstOf(qualifier)] : []);
  });
}

/** @param {{ type: string, name?: unknown }} callee */
function namesModule(callee) {
  if (callee.type === 'Import' || callee.name === 'require') return true;
  if (callee.type !== 'MemberExpression') return false;
  const { object, property } = /** @type {import('jscodeshift').MemberExpression} */ (callee);
  const { name } = /** @type {{ name?: unknown }} */ (object);
  return (name === 'vi' || name === 'jest') && MOCK_FUNCTIONS.has(textOf(property));
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
 * The members used of the module that a call returns, as far as they can be found.
 *
 * @param {SourceFile} sourceFile
 * @param {Path} path
 * @returns {string[]}
 */
function usedNames(sourceFile, path) {
  const { node } = path;
  const { parent } = path;
  const parentNode = parent?.node;
  switch (parentNode?.type) {
    case 'AwaitExpression':
      return usedNames(sourceFile, parent);
    case 'VariableDeclarator':
      return (
        destructuredNames(parentNode.id) ??
        (parentNode.id.name ? membersOf(sourceFile, parentNode.id.name) : [])
      );
    case 'MemberExpression': {
      if (parentNode.object !== node || parentNode.computed) return [];
      const member = textOf(parentNode.property);
      const call = parent.parent?.node;
      // A promise: the parameter of the callback.
      if (member !== 'then' || call?.type !== 'CallExpression') return [member];
      const [parameter] = call.arguments[0]?.params ?? [];
      if (!parameter) return [];
      return destructuredNames(parameter) ?? membersOf(sourceFile, textOf(parameter));
    }
    default:
      return [];
  }
}
