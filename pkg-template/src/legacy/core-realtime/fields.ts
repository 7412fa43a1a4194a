/** Reads messages whose fields may be nested in `data`, and in camelCase or snake_case. */
import type { BillId, WebSocketMessage } from './types.js';

/** The fields of a message or of a part of it. */
export type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the fields; those in snake_case under their camelCase names too. */
export function camelised(fields: Fields): Fields {
  const renamed: Fields = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name.includes('_')) {
      renamed[name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())] = value;
    }
  }
  return { ...renamed, ...fields };
}

/** Returns a message's fields: those in its `data`, overridden by its own. */
export function fieldsOf(message: WebSocketMessage): Fields {
  return { ...(isFields(message.data) && camelised(message.data)), ...camelised(message) };
}

/** Returns a string, or a number as a string; `undefined` for other values and for an empty string. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value ? value : undefined;
}

/** Returns a bill's id: as a number if it can be one. */
export function billIdOf(value: unknown): BillId | undefined {
  const text = textOf(value);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}

/** Returns a number, including 0; `undefined` for other values. */
export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Returns a time in ISO 8601: the given one, else the current time. */
export function timestampOf(value: unknown): string {
  if (typeof value === 'string' && value) return value;
  return (typeof value === 'number' ? new Date(value) : new Date()).toISOString();
}

export const oneOf = <T extends string>(value: unknown, known: readonly T[]): T | undefined =>
  known.find((one) => one === value);

/** Returns the updates of a batch that have a bill's id, with that id. */
export const updatesOf = ({ updates }: Fields): [bill: BillId, update: Fields][] =>
  [updates].flat().flatMap((update) => {
    const bill = isFields(update) ? billIdOf(fieldsOf(update).billId) : undefined;
    return bill === undefined ? [] : [[bill, update as Fields]];
  });
