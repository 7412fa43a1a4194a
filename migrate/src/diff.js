/** The changes as a diff. */
import { createTwoFilesPatch } from 'diff';

const RED = '\u001b[31m';
const GREEN = '\u001b[32m';
const PLAIN = '\u001b[0m';

/**
 * A unified diff.
 *
 * @param {string} file
 * @param {string} before
 * @param {string} after
 * @param {boolean} coloured
 */
export function diffOf(file, before, after, coloured) {
  const patch = createTwoFilesPatch(`a/${file}`, `b/${file}`, before, after, undefined, undefined, {
    context: 2,
  });
  // Its first line is only a separator.
  const text = patch.replace(/^=+\n/, '');
  if (!coloured) return text;
  return text
    .split('\n')
    .map((line) => {
      if (line.startsWith('+')) return `${GREEN}${line}${PLAIN}`;
      if (line.startsWith('-')) return `${RED}${line}${PLAIN}`;
      return line;
    })
    .join('\n');
}
