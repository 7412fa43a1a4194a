/** The baseline of rows: a `Map`, and a new array for views at most every 100 ms. */
import type { Row } from './rows.js';

const BATCH_MS = 100;

export class RowsByHand {
  readonly #rows: Map<string, Row>;
  #items: readonly Row[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listener: () => void = () => {};

  constructor(rows: readonly Row[]) {
    this.#rows = new Map(rows.map((row) => [row.id, row]));
    this.#items = rows;
  }

  readonly getSnapshot = (): readonly Row[] => this.#items;

  readonly listen = (listener: () => void): (() => void) => {
    this.#listener = listener;
    return () => {
      this.#listener = () => {};
    };
  };

  /** The listener of a socket's messages. */
  readonly receive = ({ data }: MessageEvent): void => {
    const { payload } = JSON.parse(data) as { payload: { row: Row } };
    this.#rows.set(payload.row.id, payload.row);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#items = [...this.#rows.values()];
      this.#listener();
    }, BATCH_MS);
  };
}
