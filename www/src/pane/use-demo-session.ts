import { createContext, useContext } from 'react';
import type { Seat } from './demo-session.ts';

/** The place of the person whose pane it is. */
export const SeatContext = createContext<Seat | null>(null);

/** Who sits here, and where their rows are. */
export function useSeat(): Seat {
  const seat = useContext(SeatContext);
  if (!seat) throw new Error('This belongs into a pane.');
  return seat;
}
