/** A file on its way: its text, its syntax tree, and the edits that are to be made. */
import jscodeshift from 'jscodeshift';
import { Edits } from './edits.js';
import { parse } from './parse.js';

/** @typedef {{ start?: number | null, end?: number | null, loc?: { start: { line: number } } | null }} Node */

export class Page {
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
    /** @type {string[]} What is left as it is, and why. */
    this.notes = [];
  }

  /** The text with all edits. */
  get text() {
    return this.#edits.applyTo(this.source);
  }

  /**
   * What a node says.
   *
   * @param {Node} node
   */
  textOf(node) {
    const [start, end] = placeOf(node);
    return this.source.slice(start, end);
  }

  /**
   * Puts a text in a node's place.
   *
   * @param {Node} node
   * @param {string} text
   */
  replace(node, text) {
    this.replacePlace(...placeOf(node), text);
  }

  /**
   * @param {number} start
   * @param {number} end
   * @param {string} text
   */
  replacePlace(start, end, text) {
    this.#edits.replace(start, end, text);
  }

  /**
   * A module's name in the quotes of another.
   *
   * @param {Node} literal
   * @param {string} module
   */
  quoted(literal, module) {
    const quote = this.textOf(literal)[0];
    return `${quote}${module}${quote}`;
  }

  /**
   * Names another module.
   *
   * @param {Node} literal
   * @param {string} module
   */
  nameModule(literal, module) {
    this.replace(literal, this.quoted(literal, module));
  }

  /**
   * Tells of something that is left as it is.
   *
   * @param {Node} node
   * @param {string} what
   */
  note({ loc }, what) {
    this.notes.push(`${loc?.start.line ?? 1}: ${what}`);
  }
}

/**
 * Where a node is.
 *
 * @param {Node} node
 * @returns {[start: number, end: number]}
 */
export const placeOf = ({ start, end }) => [start ?? 0, end ?? 0];
