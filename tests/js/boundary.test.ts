/** The numbers and names that cross between the facade and the engine are the same on both sides. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MAX_DEPTH } from '../../pkg-template/src/serialize.js';
import {
  CHANGES,
  CONFLICTS,
  Command,
  Kind,
  Question,
} from '../../pkg-template/src/session/engine-abi.js';

const read = (file: string): string => readFileSync(`${import.meta.dirname}/../../${file}`, 'utf8');

/** The numbers that a pattern finds in a part of a file, by name. */
function numbers(file: string, part: RegExp, pattern: RegExp): Record<string, number> {
  const [, body = ''] = read(file).match(part) ?? [];
  return Object.fromEntries(
    [...body.matchAll(pattern)].map(([, name = '', value]) => [camel(name), Number(value)]),
  );
}

/** `CLOSE_COLLECTION` → `CloseCollection`; other names stay. */
const camel = (name: string): string =>
  /^[A-Z_]+$/.test(name)
    ? name.toLowerCase().replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())
    : name;

/** An enum's numbers by name; it has its names by number as well. */
const members = (of: object): object =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => typeof value === 'number'));

const CONSTANT = /const (\w+): u32 = (\d+);/g;

it('the kinds of reports', () => {
  const kinds = numbers('src/engine/sink.rs', /enum Kind \{([^}]*)\}/, /(\w+) = (\d+)/g);
  expect(kinds).toEqual(members(Kind));
});

it('the commands', () => {
  const commands = numbers('src/engine/engine.rs', /\/\/\/ Commands of([\s\S]*?)\n\n/, CONSTANT);
  expect(commands).toEqual(members(Command));
});

it('the requests of collections', () => {
  const questions = numbers('src/engine/encode.rs', /mod asked \{([^}]*)\}/, CONSTANT);
  expect(questions).toEqual(members(Question));
});

it('the depth and the count of values', () => {
  const count = /left = 1 << (\d+);/.exec(read('pkg-template/src/serialize.ts'))?.[1];
  expect(read('src/core/payload.rs')).toContain(`MAX_VALUES: u32 = 1 << ${count};`);
  const [, depth] = read('src/core/payload.rs').match(/MAX_DEPTH: usize = (\d+);/) ?? [];
  expect(Number(depth)).toBe(MAX_DEPTH);
});

it('the kinds of changes, and the policies', () => {
  const file = read('src/engine/collection.rs');
  const [, changes = ''] =
    read('src/engine/encode.rs').match(/CHANGES: \[&str; 3\] = \[(.*)\]/) ?? [];
  expect([...changes.matchAll(/"(\w+)"/g)].map(([, name]) => name)).toEqual([...CHANGES]);
  const [, policies = ''] = file.match(/POLICIES[^=]*= \[([\s\S]*?)\]/) ?? [];
  const names = [...policies.matchAll(/ConflictPolicy::(\w+)/g)].map(([, name = '']) =>
    name.replace(/(?<!^)([A-Z])/g, '-$1').toLowerCase(),
  );
  expect(names).toEqual([...CONFLICTS, 'ask']);
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
