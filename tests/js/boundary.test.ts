/**
 * Facts that both sides of the boundary need are in `pkg-template/src/generated`, made from Rust, and in no other file of
 * the package. What is a fact, and what the use of one, is decided in `src/abi/listing.rs`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as engine from '../../pkg-template/src/generated/engine.js';
import * as facade from '../../pkg-template/src/generated/facade.js';

const ROOT = `${import.meta.dirname}/../..`;
const SOURCE = 'pkg-template/src';

const read = (file: string): string => readFileSync(`${ROOT}/${file}`, 'utf8');

/** The generated union types: their members, by name. */
const unions = Object.fromEntries(
  [...read(`${SOURCE}/generated/types.ts`).matchAll(/export type (\w+) =\n([\s\S]*?);\n/g)].map(
    ([, name = '', members = '']): [string, string[]] => [
      name,
      [...members.matchAll(/^ {2}\| '(.*?)'/gm)].map(([, member = '']) => member),
    ],
  ),
);

/** Everything that is a list of names. */
const tables: [name: string, members: readonly string[]][] = [
  ...Object.entries(unions),
  ...Object.entries(engine).flatMap(([name, value]): [string, readonly string[]][] =>
    Array.isArray(value) ? [[name, value]] : [],
  ),
];

const generated = new Set([...Object.keys(facade), ...Object.keys(engine), ...Object.keys(unions)]);

const DECLARED =
  /^(?:export )?(?:declare )?(?:const|let|enum|type|interface|class|function) (\w+)/gm;

/** A list of texts: an array, or a union type. The keys of an object are checked by its type. */
const LISTS = [/\[\s*'[^'\n]*'(?:,\s*'[^'\n]*')+,?\s*\]/g, /'[^'\n]*'(?:\s*\|\s*'[^'\n]*')+/g];

/** Blanks comments out, and keeps the lines. */
const code = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, '$1');

/** What of a source is a fact that is generated. */
function repeated(text: string): string[] {
  const source = code(text);
  const names = [...source.matchAll(DECLARED)].map(([, name = '']) => name);
  const lists = LISTS.flatMap((list) => source.match(list) ?? []).flatMap((list) => {
    const texts = new Set([...list.matchAll(/'([^'\n]*)'/g)].map(([, text]) => text));
    const table = tables.find(
      ([, members]) => members.length > 1 && members.every((member) => texts.has(member)),
    );
    return table ? [`a copy of ${table[0]}`] : [];
  });
  const texts = [facade.TEMPORARY_KEY].filter((value) => source.includes(`'${value}`));
  // Numbers of one or two digits, and round ones, mean many things.
  const numbers = [facade.MAX_VALUES, facade.QUEUE_MAX_BYTES].filter((value) =>
    new RegExp(
      `\\b(${value}|${value.toLocaleString('en').replaceAll(',', '_')}|1 << ${Math.log2(value)})\\b`,
    ).test(source),
  );
  const split = source.includes("'~'") ? ['~'] : [];
  const options = Object.values(engine.CLIENT_OPTIONS).flatMap((group) =>
    typeof group === 'object' ? Object.keys(group) : [],
  );
  const defaults = [...options, ...Object.keys(engine.CLIENT_OPTIONS)].filter((option) =>
    new RegExp(`\\b${option} (=|\\?\\?) \\d`).test(source),
  );
  return [
    ...names.filter((name) => generated.has(name)).map((name) => `a declaration of ${name}`),
    ...lists,
    ...[...texts, ...numbers, ...split].map((value) => `the value ${value}`),
    ...defaults.map((option) => `the default of ${option}`),
  ];
}

/** The older APIs have names and limits of their own, which stay as they are whatever the engine's are. */
const LEGACY = `${SOURCE}/legacy/`;

const files = readdirSync(`${ROOT}/${SOURCE}`, { recursive: true, encoding: 'utf8' })
  .map((file) => `${SOURCE}/${file.replaceAll('\\', '/')}`)
  .filter((file) => /\.tsx?$/.test(file))
  .filter((file) => !file.startsWith(`${SOURCE}/generated/`) && !file.startsWith(LEGACY));

it('no other file of the package has a number or a text that is generated', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(tables.length).toBeGreaterThan(20);
  const found = files.flatMap((file) => repeated(read(file)).map((fact) => `${file}: ${fact}`));
  expect(found).toEqual([]);
});

it.each([
  ["type A = 'fresh' | 'recovered' | 'gap' | 'unknown';", 'a copy of Continuity'],
  ["const B = ['loading', 'live'] as const;", 'a copy of COLLECTION_STATUSES'],
  ['enum Kind { State }', 'a declaration of Kind'],
  ["key.startsWith('tmp:')", 'the value tmp:'],
  ['let left = 1 << 20;', 'the value 1048576'],
  ['const max = 8_388_608;', 'the value 8388608'],
  ["id.split('~')", 'the value ~'],
  ['const { maxMessages = 1_000 } = queue;', 'the default of maxMessages'],
])('%s is found', (source, fact) => {
  expect(repeated(source)).toEqual([fact]);
});

it.each([
  "const { state } = snapshot; return state === 'ready';",
  "const INTENDED: ErrorCode[] = ['aborted', 'destroyed'];",
  "// key.startsWith('tmp:')",
])('%s is a use', (source) => {
  expect(repeated(source)).toEqual([]);
});
