/** A source file being rewritten: its text, its syntax tree, and its pending edits. */
import jscodeshift from 'jscodeshift';
import { Edits } from './edits.js';
import { parse } from './parse.js';

/** @typedef {{ start?: number | null, end?: number | null, loc?: { start: { line: number } } | null }} Node */

export class SourceFile {
  #edits = new Edits();

  /**
   * @param {string} source
   * @param {import('./modules.js').Options} options
   * @throws {SyntaxError}
   */
  constructor(source, options) {
    this.source = source;
    this.options = options;
    this.root = jscodeshift(parse(source, options.file));
    this.newline = source.includes('\r\n') ? '\r\n' : '\n';
    /** @type {string[]} What was not moved, and why. */
    this.notes = [];
  }

  /** The text with all edits. */
  get text() {
    return this.#edits.applyTo(this.source);
  }

  /**
   * The source text of a node.
   *
   * @param {Node} node
   */
  textOf(node) {
    const [start, end] = rangeOf(node);
    return this.source.slice(start, end);
  }

  /**
   * Replaces a node by a text.
   *
   * @param {Node} node
   * @param {string} text
   */
  replace(node, text) {
    this.replaceRange(...rangeOf(node), text);
  }

  /**
   * @param {number} start
   * @param {number} end
   * @param {string} text
   */
  replaceRange(start, end, text) {
    this.#edits.replace(start, end, text);
  }

  /**
   * A module name in the quotes of another literal.
   *
   * @param {Node} literal
   * @param {string} module
   */
  quoted(literal, module) {
    const quote = this.textOf(literal)[0];
    return `${quote}${module}${quote}`;
  }

  /**
   * Replaces a module's name.
   *
   * @param {Node} literal
   * @param {string} module
   */
  renameModule(literal, module) {
    this.replace(literal, this.quoted(literal, module));
  }

  /**
   * Reports something that was not moved.
   *
   * @param {Node} node
   * @param {string} what
   */
  note({ loc }, what) {
    this.notes.push(`${loc?.start.line ?? 1}: ${what}`);
  }
}

/**
 * The range of a node in the source.
 *
 * @param {Node} node
 * @returns {[start: number, end: number]}
 */
export const rangeOf = ({ start, end }) => [start ?? 0, end ?? 0];
