/** The messages of the room. Every client may publish to it, so every field is checked. */

/** One message of the room. */
export interface ChatMessage {
  from: string;
  text: string;
}

const LONGEST = 500;

/** Parses a received message of any shape. */
export function parseChatMessage(message: unknown): ChatMessage {
  if (typeof message === 'object' && message !== null) {
    const { from, text } = message as Partial<Record<keyof ChatMessage, unknown>>;
    if (typeof text === 'string') {
      return { from: typeof from === 'string' ? from : 'somebody', text: text.slice(0, LONGEST) };
    }
  }
  return { from: 'somebody', text: JSON.stringify(message)?.slice(0, LONGEST) ?? '' };
}
