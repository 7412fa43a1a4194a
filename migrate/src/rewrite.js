/** Rewrites one file. */
import { moveCalls } from './calls.js';
import { moveExports } from './exports.js';
import { moveImports } from './imports.js';
import { mergeImports } from './merge-imports.js';
import { renameUses } from './renames.js';
import { SourceFile } from './source-file.js';

/**
 * @typedef {import('./modules.js').Options} Options
 * @typedef {import('./report.js').Outcome} Outcome
 */

/** Words that come before module names. A file without any of them is not parsed. */
const NAMING = /\b(import|require|from|mock|doMock|requireActual|importActual)\b/;

/**
 * @param {string} source
 * @param {Options} options
 * @returns {Outcome}
 */
export function rewrite(source, options) {
  if (!NAMING.test(source)) return { text: source, isChanged: false, notes: [] };
  try {
    const sourceFile = new SourceFile(source, options);
    moveImports(sourceFile);
    moveExports(sourceFile);
    moveCalls(sourceFile);
    let { text } = sourceFile;
    if (text !== source) text = merged(text, options);
    if (options.renames) text = renamed(text, options);
    return { text, isChanged: text !== source, notes: sourceFile.notes };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { text: source, isChanged: false, notes: [], failure: error.message };
  }
}

/**
 * @param {string} source
 * @param {Options} options
 */
function merged(source, options) {
  const sourceFile = new SourceFile(source, options);
  mergeImports(sourceFile);
  return sourceFile.text;
}

/**
 * @param {string} source
 * @param {Options} options
 */
function renamed(source, options) {
  if (!source.includes('tidewire/legacy/')) return source;
  const sourceFile = new SourceFile(source, options);
  renameUses(sourceFile);
  return sourceFile.text;
}
