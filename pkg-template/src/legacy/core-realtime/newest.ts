/** A bounded list, newest first. */
export class Newest<T> {
  readonly #limit: number;
  #items: readonly T[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The items; the same array until it changes. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** Adds an item; the oldest is dropped if there are too many. */
  add(item: T): void {
    this.#items = [item, ...this.#items].slice(0, this.#limit);
  }

  /** Replaces the items. */
  set(items: readonly T[]): void {
    this.#items = items.slice(0, this.#limit);
  }
}
