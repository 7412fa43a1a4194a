/**
 * The user of a legacy page. The legacy hooks belong to a whole page, not to a part of it, so the second
 * user is shown by the same page in a frame.
 */
import { ANN, BOB, type DemoPerson } from '../../pane/person.ts';

const wanted = new URLSearchParams(location.search).get('as');

/** Whether this is the frame of the second user. */
export const isFramed = wanted === BOB.id;

/** The user of this page. */
export const visitor: DemoPerson = isFramed ? BOB : ANN;

/** The address of the same page for the second user. */
export function addressForBob(path: string): string {
  const address = new URL(location.href);
  address.searchParams.set('as', BOB.id);
  address.hash = path;
  return address.href;
}
