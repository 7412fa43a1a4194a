/** Which components of the page listen. */
export interface Listening {
  list: boolean;
  counter: boolean;
  notes: boolean;
  room: boolean;
}
