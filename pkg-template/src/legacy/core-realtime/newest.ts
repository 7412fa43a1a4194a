/** A bounded list, newest first. */
export class Newest<T> {
  readonly #limit: number;
  #items: readonly T[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** All of them; the same array until it changes. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** Adds one; the oldest goes if there are too many. */
  add(item: T): void {
    this.#items = [item, ...this.#items].slice(0, this.#limit);
  }

  /** Keeps what `change` makes of them. */
  set(items: readonly T[]): void {
    this.#items = items.slice(0, this.#limit);
  }
}
