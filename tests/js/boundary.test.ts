/** The numbers and names that cross between the facade and the engine are the same on both sides. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Kind } from '../../pkg-template/src/engine.js';

const read = (file: string): string => readFileSync(`${import.meta.dirname}/../../${file}`, 'utf8');

it('the kinds of reports', () => {
  const [, body = ''] = read('src/api/event.rs').match(/enum Kind \{([^}]*)\}/) ?? [];
  const kinds = [...body.matchAll(/(\w+) = (\d+)/g)].map(([, name, value]) => [
    name,
    Number(value),
  ]);
  // Of an enum's members the names have numbers, and the numbers names.
  const numbers = Object.entries(Kind).filter(([, value]) => typeof value === 'number');
  expect(kinds.sort()).toEqual(numbers.sort());
});

it('the error codes: the types know every one of the engine', () => {
  const [, table = ''] = read('src/core/error.rs').match(/\ncodes! \{([\s\S]*?)\n\}/) ?? [];
  const engine = [...table.matchAll(/^ {4}\w+ "(\w+)"/gm)].map(([, code]) => code);
  const [, union = ''] =
    read('pkg-template/src/errors.ts').match(/type ErrorCode =([\s\S]*?)\n\n/) ?? [];
  const known = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code);
  expect(engine.length).toBeGreaterThan(0);
  expect(engine.filter((code) => !known.includes(code))).toEqual([]);
  const own = ['engine_unavailable', 'engine_failed'];
  expect(known.filter((code) => !engine.includes(code))).toEqual(own);
});
