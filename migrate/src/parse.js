/** Source as a syntax tree, whose places are those of the text. */
import getParser from 'jscodeshift/src/getParser.js';

/**
 * @param {string} source
 * @param {string} file by whose name is known what is in it
 * @returns {import('jscodeshift').File}
 * @throws {SyntaxError}
 */
export function parse(source, file) {
  const parser = /\.[cm]?ts$/.test(file) ? 'ts' : 'tsx';
  try {
    return getParser(parser).parse(source);
  } catch (error) {
    // JavaScript may have types of Flow in it.
    if (!/\.[cm]?jsx?$/.test(file)) throw error;
    return getParser('flow').parse(source);
  }
}
