/** The notes of the board. Every client may write them, so every field is checked. */

/** The editable fields of a note. */
export interface NoteText {
  title: string;
  body: string;
}

/** A row of the board. The server's initial notes have no author. */
export interface Note extends NoteText {
  id: string;
  /** Who wrote it last. */
  by?: string;
  /** When it was first written, in milliseconds since 1970 by the author's clock. */
  at?: number;
}

const LONGEST = 2_000;

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, LONGEST) : '');

/** Parses a stored row of any shape. */
export function parseNote({ id, title, body, by, at }: Note): Note {
  return {
    id: String(id),
    title: text(title) || 'Untitled',
    body: text(body),
    ...(typeof by === 'string' && { by: text(by) }),
    ...(typeof at === 'number' && { at }),
  };
}

/** A key that stays the same when the server's id replaces a temporary one. */
export const origin = ({ id, by, at }: Note): string => (at === undefined ? id : `${by} ${at}`);

/** Sorts the latest notes first and the server's initial notes last. */
export function latestFirst(a: Note, b: Note): number {
  const later = (parseNote(b).at ?? 0) - (parseNote(a).at ?? 0);
  return later || (String(a.id) < String(b.id) ? -1 : 1);
}

/** The fields of `after` that differ: a change sends only these. */
export function changed(before: NoteText, after: NoteText): Partial<NoteText> {
  return {
    ...(after.title !== before.title && { title: after.title }),
    ...(after.body !== before.body && { body: after.body }),
  };
}
