/** Changes of a text by the places they are made at, so that no other byte of it changes. */

/** @typedef {{ start: number, end: number, text: string }} Edit */

export class Edits {
  /** @type {Edit[]} */
  #edits = [];

  /**
   * @param {number} start
   * @param {number} end
   * @param {string} text
   */
  replace(start, end, text) {
    this.#edits.push({ start, end, text });
  }

  /**
   * @param {number} at
   * @param {string} text
   */
  insert(at, text) {
    this.replace(at, at, text);
  }

  /**
   * The text with all of them made.
   *
   * @param {string} source
   */
  applyTo(source) {
    let done = source;
    // From the end, so that the places before stay where they are. Of two at one place the first stays first.
    const edits = this.#edits.map((edit, order) => ({ ...edit, order }));
    edits.sort((a, b) => b.start - a.start || b.order - a.order);
    for (const { start, end, text } of edits) done = done.slice(0, start) + text + done.slice(end);
    return done;
  }
}
