/** The rows of the views of rows. */

export interface Row {
  id: string;
  title: string;
  count: number;
  isDone: boolean;
}

export const ROWS = 1_000;

/** A row of this number as the n-th change leaves it. */
export const rowOf = (number: number, n: number): Row => ({
  id: `row-${number}`,
  title: `Row ${number}, changed for the ${n}. time`,
  count: n,
  isDone: n % 2 === 0,
});

/** The rows before all changes. */
export const initialRows = (): Row[] =>
  Array.from({ length: ROWS }, (_, number) => rowOf(number, 0));

/** The row that the n-th change changes. */
export const changedRow = (n: number): Row => rowOf((n * 7919) % ROWS, n + 1);
