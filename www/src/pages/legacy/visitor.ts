/**
 * Who looks at one of the legacy pages. The legacy hooks belong to a whole page, not to a part of it: the second
 * person is the same page in a frame.
 */
import { ANN, BOB, type DemoPerson } from '../../pane/person.ts';

const wanted = new URLSearchParams(location.search).get('as');

/** Whether this is the frame of the second person. */
export const isFramed = wanted === BOB.id;

/** Whose page this is. */
export const visitor: DemoPerson = isFramed ? BOB : ANN;

/** The address of the same page for the second person. */
export function addressForBob(path: string): string {
  const address = new URL(location.href);
  address.searchParams.set('as', BOB.id);
  address.hash = path;
  return address.href;
}
