/** The users of the demo's panes. */

/** A user with a client of their own. */
export interface DemoPerson {
  /** The subject of the user's token. */
  readonly id: string;
  readonly name: string;
  /** A label that distinguishes panes of the same user. */
  readonly part?: string;
}

/** Returns a user's name; the ids of the server's other users are their names in lower case. */
export const nameOf = (id: string): string => id.charAt(0).toUpperCase() + id.slice(1);

/** The label of a part of a user's pane; without the user's name, the labels of two panes would be equal. */
export const labelOf = ({ name, part }: DemoPerson, what: string): string =>
  `${what}, ${[name, part].filter(Boolean).join(' ')}`;

export const ANN: DemoPerson = { id: 'ann', name: 'Ann' };
export const BOB: DemoPerson = { id: 'bob', name: 'Bob' };
export const CLEO: DemoPerson = { id: 'cleo', name: 'Cleo', part: 'moderator' };
