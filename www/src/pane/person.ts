/** The people whose side of a page is shown. */

/** Somebody at a page, with a client of their own. */
export interface DemoPerson {
  /** The subject of their token. */
  readonly id: string;
  readonly name: string;
  /** What distinguishes them on the page, if their name does not. */
  readonly part?: string;
}

/** The server's other people have their names as ids, in small letters. */
export const nameOf = (id: string): string => id.charAt(0).toUpperCase() + id.slice(1);

/** The label of a part of a person's pane: two panes have the same parts. */
export const labelOf = ({ name, part }: DemoPerson, what: string): string =>
  `${what}, ${[name, part].filter(Boolean).join(' ')}`;

export const ANN: DemoPerson = { id: 'ann', name: 'Ann' };
export const BOB: DemoPerson = { id: 'bob', name: 'Bob' };
export const CLEO: DemoPerson = { id: 'cleo', name: 'Cleo', part: 'moderator' };
