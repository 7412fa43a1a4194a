/** Reading messages whose fields may be anywhere, and spelt either way. */
import type { BillId, WebSocketMessage } from './types.js';

/** What a message or a part of it holds. */
export type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same fields, those in snake_case under their camelCase names too. */
export function camelised(fields: Fields): Fields {
  const renamed: Fields = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name.includes('_')) {
      renamed[name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())] = value;
    }
  }
  return { ...renamed, ...fields };
}

/** A message's fields, whether they are its own or in its `data`: its own win. */
export function fieldsOf(message: WebSocketMessage): Fields {
  return { ...(isFields(message.data) && camelised(message.data)), ...camelised(message) };
}

/** A text, or a number as one; undefined if it is neither or empty. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value ? value : undefined;
}

/** A bill's id: a number wherever it is one. */
export function billIdOf(value: unknown): BillId | undefined {
  const text = textOf(value);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}

/** A number, 0 among them. */
export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A moment as ISO 8601: the one given, else now. */
export function timestampOf(value: unknown): string {
  if (typeof value === 'string' && value) return value;
  return (typeof value === 'number' ? new Date(value) : new Date()).toISOString();
}

export const oneOf = <T extends string>(value: unknown, known: readonly T[]): T | undefined =>
  known.find((one) => one === value);

/** The updates of a batch that name a bill, with its id. */
export const updatesOf = ({ updates }: Fields): [bill: BillId, update: Fields][] =>
  [updates].flat().flatMap((update) => {
    const bill = isFields(update) ? billIdOf(fieldsOf(update).billId) : undefined;
    return bill === undefined ? [] : [[bill, update as Fields]];
  });
