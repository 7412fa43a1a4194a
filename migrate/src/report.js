/** The report printed for the files. */

/**
 * @typedef {object} Outcome the result of one file
 * @property {string} text
 * @property {boolean} isChanged
 * @property {string[]} notes what was not moved, and why; each begins with the line's number
 * @property {string} [failure] why it could not be parsed
 */

export class Report {
  #changed = 0;
  /** @type {string[]} */
  #notes = [];
  /** @type {string[]} */
  #failures = [];

  /** @param {'show' | 'write'} mode */
  constructor(mode) {
    this.mode = mode;
  }

  /**
   * @param {string} file
   * @param {Outcome} outcome
   */
  add(file, { isChanged, notes, failure }) {
    if (isChanged) this.#changed += 1;
    for (const note of notes) this.#notes.push(`${file}:${note}`);
    if (failure) this.#failures.push(`${file}: ${failure}`);
  }

  /** Whether a file could not be parsed. */
  get hasFailed() {
    return this.#failures.length > 0;
  }

  summary() {
    const files = this.#changed === 1 ? '1 file' : `${this.#changed} files`;
    const done =
      this.mode === 'write'
        ? `${files} changed.`
        : `${files} would change. Nothing was written: --write does that.`;
    return [
      ...section('Not moved:', this.#notes),
      ...section('Not parsed, and not changed:', this.#failures),
      done,
    ].join('\n');
  }
}

/**
 * @param {string} title
 * @param {string[]} lines
 */
const section = (title, lines) =>
  lines.length ? [title, ...lines.map((line) => `  ${line}`), ''] : [];
