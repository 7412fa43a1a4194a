/** One file, with its imports moved. */
import { moveCalls } from './calls.js';
import { moveExports } from './exports.js';
import { moveImports } from './imports.js';
import { joinImports } from './merge-imports.js';
import { renameUses } from './renames.js';
import { Page } from './source-file.js';

/**
 * @typedef {import('./modules.js').Options} Options
 * @typedef {import('./report.js').Outcome} Outcome
 */

/** What names a module. A file without any of it is not even parsed. */
const NAMING = /\b(import|require|from|mock|doMock|requireActual|importActual)\b/;

/**
 * @param {string} source
 * @param {Options} options
 * @returns {Outcome}
 */
export function rewrite(source, options) {
  if (!NAMING.test(source)) return { text: source, isChanged: false, notes: [] };
  try {
    const page = new Page(source, options);
    moveImports(page);
    moveExports(page);
    moveCalls(page);
    let { text } = page;
    if (text !== source) text = joined(text, options);
    if (options.renames) text = renamed(text, options);
    return { text, isChanged: text !== source, notes: page.notes };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { text: source, isChanged: false, notes: [], failure: error.message };
  }
}

/**
 * @param {string} source
 * @param {Options} options
 */
function joined(source, options) {
  const page = new Page(source, options);
  joinImports(page);
  return page.text;
}

/**
 * @param {string} source
 * @param {Options} options
 */
function renamed(source, options) {
  if (!source.includes('tidewire/legacy/')) return source;
  const page = new Page(source, options);
  renameUses(page);
  return page.text;
}
