/** The messages of the room, which anybody may publish to: nothing about them is taken on trust. */

/** One message of the room. */
export interface Said {
  from: string;
  text: string;
}

const LONGEST = 500;

/** Reads a message, whatever came. */
export function asSaid(message: unknown): Said {
  if (typeof message === 'object' && message !== null) {
    const { from, text } = message as Partial<Record<keyof Said, unknown>>;
    if (typeof text === 'string') {
      return { from: typeof from === 'string' ? from : 'somebody', text: text.slice(0, LONGEST) };
    }
  }
  return { from: 'somebody', text: JSON.stringify(message)?.slice(0, LONGEST) ?? '' };
}
