/** Which components of the page are subscribed. */
export interface Listening {
  list: boolean;
  counter: boolean;
  notes: boolean;
  room: boolean;
}
