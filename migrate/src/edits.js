/** Edits of a text by range, so that no other byte of it changes. */

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
   * The text with all edits applied.
   *
   * @param {string} source
   */
  applyTo(source) {
    let done = source;
    // From the end, so that earlier ranges stay valid. Of two at one position the first stays first.
    const edits = this.#edits.map((edit, order) => ({ ...edit, order }));
    edits.sort((a, b) => b.start - a.start || b.order - a.order);
    for (const { start, end, text } of edits) done = done.slice(0, start) + text + done.slice(end);
    return done;
  }
}
