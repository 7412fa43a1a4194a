/** Parses source code into a syntax tree that keeps the positions in the text. */
import getParser from 'jscodeshift/src/getParser.js';

/**
 * @param {string} source
 * @param {string} file its name determines the parser
 * @returns {import('jscodeshift').File}
 * @throws {SyntaxError}
 */
export function parse(source, file) {
  const parser = /\.[cm]?ts$/.test(file) ? 'ts' : 'tsx';
  try {
    return getParser(parser).parse(source);
  } catch (error) {
    // JavaScript may contain Flow types.
    if (!/\.[cm]?jsx?$/.test(file)) throw error;
    return getParser('flow').parse(source);
  }
}
