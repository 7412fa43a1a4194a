/**
 * Facts that both sides of the boundary need are in `pkg-template/src/generated`, made from Rust, and in no other file of
 * the package. `src/abi/listing.rs` defines them.
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

/** All generated lists of names. */
const tables: [name: string, members: readonly string[]][] = [
  ...Object.entries(unions),
  ...Object.entries(engine).flatMap(([name, value]): [string, readonly string[]][] =>
    Array.isArray(value) ? [[name, value]] : [],
  ),
];

const generated = new Set([...Object.keys(facade), ...Object.keys(engine), ...Object.keys(unions)]);

const DECLARED =
  /^(?:export )?(?:declare )?(?:const|let|enum|type|interface|class|function) (\w+)/gm;

/** A list of strings: an array, or a union type. The keys of an object are checked by its type. */
const LISTS = [/\[\s*'[^'\n]*'(?:,\s*'[^'\n]*')+,?\s*\]/g, /'[^'\n]*'(?:\s*\|\s*'[^'\n]*')+/g];

/** Blanks comments out, and keeps the lines. */
const code = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, '$1');

/** The generated facts that a source repeats. */
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
  // Small and round numbers have many meanings.
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

const filesOf = (folder: string, extension: RegExp): string[] =>
  readdirSync(`${ROOT}/${folder}`, { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((file) => extension.test(file));

const files = filesOf(SOURCE, /\.tsx?$/).filter((file) => !file.startsWith(`${SOURCE}/generated/`));

/** The sources of Rust without their tests and comments. */
const rust = filesOf('src', /\.rs$/)
  .filter((file) => !/test/.test(file))
  .map((file) =>
    read(file)
      .replace(/#\[cfg\(test\)\]\nmod tests \{[\s\S]*$/, '')
      .replace(/^\s*\/\/.*$/gm, ''),
  );

/** The strings of Rust that no other file may repeat: constants, and others that are not one plain identifier. */
const rustTexts = new Set(
  rust
    .flatMap((source) => [
      ...source.matchAll(/const \w+: &str = "([^"]+)";/g),
      ...source.matchAll(/"((?:[^"\\\n]|\\.)*)"/g),
    ])
    .filter(([declared, text = '']) => declared.startsWith('const') || !/^\s*[a-z]*\s*$/.test(text))
    .map(([, text = '']) => text.trim())
    .filter((text) => /\w{2}/.test(text)),
);

/** Those that are long enough to be recognized within another text. */
const sentences = [...rustTexts].filter((text) => text.length > 7 && text.includes(' '));

const withoutSeparators = (number: string): string => number.replaceAll('_', '');

/** The limits, times and defaults of Rust: constants, the defaults of `Config`, and arrays of either. */
const rustNumbers = new Set(
  rust
    .flatMap((source) => [
      ...source.matchAll(/const \w+: [^=]+= [^;]*;/g),
      ...source.matchAll(/^ +\w+: (?:Some\()?\d[\d_]*\)?,$/gm),
      ...source.matchAll(/Some\(\([^)]*\)\)|\.then_some\([^;]*\)/g),
    ])
    .flatMap(([declared]) => declared.match(/(?<![\w.])\d[\d_]*(?![\w.])/g) ?? [])
    .map(withoutSeparators)
    .filter((number) => Number(number) > 9),
);

/** Names whose use TypeScript checks: members of generated types and names of options. */
const checked = new Set([
  ...tables.flatMap(([, members]) => members),
  ...namesWithin(engine.CLIENT_OPTIONS),
  ...namesWithin(engine.CHANNEL_OPTIONS),
  ...namesWithin(engine.COLLECTION_OPTIONS),
  ...namesWithin(engine.SEND_OPTIONS),
]);

function namesWithin(options: object): string[] {
  return Object.entries(options).flatMap(([name, within]) => [
    name,
    ...(typeof within === 'object' ? namesWithin(within) : []),
  ]);
}

/** The strings and numbers of a source that Rust has too. */
function shared(text: string): string[] {
  const source = code(text).replace(/^(?:import|export)\b[^;]*? from '[^']*';$/gm, '');
  const quoted = [...source.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/g)];
  const templates = [...source.matchAll(/`([^`]*)`/g)];
  const texts = [
    ...quoted.map(([, single, double]) => single ?? double ?? ''),
    ...templates.flatMap(([, template = '']) => template.split(/\$\{[^}]*\}/)),
  ];
  const numbers = [...source.matchAll(/(?<![\w.$])\d[\d_]*(?![\w.])/g)];
  return [
    ...texts.map((own) => own.trim()).filter((own) => rustTexts.has(own) && !checked.has(own)),
    ...sentences.filter((part) => texts.some((own) => own !== part && own.includes(part))),
    ...numbers.map(([own]) => withoutSeparators(own)).filter((own) => rustNumbers.has(own)),
  ];
}

/** Facts that equal one of Rust but are not copies: the reason, the files, the values. */
type Exception = [why: string, file: RegExp, facts: string[]];

/** Expects that the files have no facts except the exceptions, and that each exception still occurs. */
function expectOnlyExceptions(
  exceptions: readonly Exception[],
  factsOf: (source: string) => string[],
): void {
  const found = files.flatMap((file) =>
    factsOf(read(file)).map((fact) => ({ file: file.slice(SOURCE.length + 1), fact })),
  );
  const isOf = ({ file, fact }: (typeof found)[number], [, where, facts]: Exception): boolean =>
    where.test(file) && facts.includes(fact);
  expect(found.filter((one) => !exceptions.some((other) => isOf(one, other)))).toEqual([]);
  const stale = exceptions.flatMap(([why, where, facts]) =>
    facts
      .filter((fact) => !found.some((one) => isOf(one, [why, where, [fact]])))
      .map((fact) => `${why}: ${fact}`),
  );
  expect(stale).toEqual([]);
}

/** Strings and numbers that Rust has too and that are not copies. */
const EXCEPTIONS: Exception[] = [
  [
    'the API of realtime-js',
    /^supabase\/|^(?:postgres-)?types\.ts$/,
    ['postgres_changes', 'system'],
  ],
  [
    'the API of realtime-js',
    /^supabase\/|^postgres-types/,
    ['INSERT', 'UPDATE', 'DELETE', '10000'],
  ],
  [
    'the API of realtime-js, whose channels and changes the older APIs have',
    /^legacy\/(?:channel|row-changes|broadcast\/row-table|supabase-hooks\/.*)\.ts$/,
    ['postgres_changes', 'INSERT', 'UPDATE', 'DELETE'],
  ],
  ['a method of HTTP', /^services\/|^legacy\/rest-rows/, ['DELETE']],
  ['a column of tables of the older systems', /^legacy\//, ['id']],
  [
    'a member of a type, in a `Pick` or an `Omit`, which TypeScript checks',
    /^legacy\//,
    ['isLoading'],
  ],
  [
    'defaults of the settings of an older API',
    /^legacy\/core-realtime\/configuration/,
    ['10', '20', '50', '100', '1000', '2000', '3000', '5000', '30000'],
  ],
  [
    'how many updates, comments, notifications and messages an older API keeps or returns',
    /^legacy\/core-realtime\//,
    ['10', '20', '30', '50', '100'],
  ],
  [
    'how long changes without an id are kept in an older API, and for how many messages repetitions are recognized',
    /^legacy\/broadcast\/base-message-handler/,
    ['5000', '10000', '1024'],
  ],
  ['the length of a part of a UUID', /^legacy\/broadcast\/envelope/, ['12']],
  ['how many interviews an older API has live notes of', /^legacy\/session-store/, ['20']],
  ['the default of an argument without effect', /^legacy\/interviews\/data-sync/, ['100']],
  ['how many users an older API reports', /^legacy\/interviews\/presence-manager/, ['50']],
  ['how many calls an older API lists', /^legacy\/supabase-hooks\/supplier-calls/, ['10']],
  ['how long an older API shows a toast', /^legacy\/supabase-hooks\/notifications/, ['5000']],
  [
    'the delays of an error boundary, which renders again and opens no connection',
    /^legacy\/supabase-hooks\/error-boundary/,
    ['1000', '30000'],
  ],
  ['a percentage of CSS', /^legacy\/interviews\/connection-indicator/, ['50']],
  [
    'sizes and percentages of CSS, and the lengths of dashes',
    /^components\/(?:announcement|chart-plot)/,
    ['10', '24', '50', '100'],
  ],
  ['the interval of announcements to screen readers', /^components\/announcement/, ['5000']],
  [
    'how many items, rows and messages are counted, shown or kept',
    /^components\/(?:new-|live-|realtime-)/,
    ['20', '100', '1000'],
  ],
  ['how long a toast is shown', /^components\/notification-toast/, ['6000']],
  ['the time span of a chart', /^components\/realtime-chart/, ['60000']],
  ['a kind of notification', /^services\/notifications/, ['system']],
  ['a `kind` of message, whose type is public', /^session\/engine-session/, ['system', 'change']],
  ['an event of a handle or a view, whose name is public', /./, ['change', 'typing']],
  ['the field in a public type that may be left out', /^collection-types/, ['id']],
  ['the name of the public class', /^errors|subscribe-options/, ['RealtimeError']],
  ['an event of the DOM', /^session\/early-attempt/, ['securitypolicyviolation']],
  ['the bits of a number, and how many are made at once', /^pooled-id/, ['64']],
  ['JavaScript itself', /^(?:session\/plain-copy|plain-json)/, ['[object Object]', 'toJSON']],
  ['a part of a hint', /^supabase\/project/, ["the project's address"]],
  ['texts that join the parts of a message', /./, ['There is no', 'must be', 'options.', 'rows[']],
  [
    'milliseconds of a second',
    /^components\/call-duration|^react\/clock|^supabase\/project|^legacy\/.*\/v1\/use-websocket/,
    ['1000'],
  ],
  ['the code of RFC 6455 for a normal closure', /^session\/sockets/, ['1000']],
  ['times of loading and replacing the engine', /engine-host|^loader/, ['250', '60000', '300000']],
  ['rows or messages that are kept for views', /use-messages|^services\//, ['100']],
];

it('no other file of the package has a text, limit, time or default of Rust', () => {
  expect(rustTexts.size).toBeGreaterThan(500);
  expect(rustNumbers.size).toBeGreaterThan(30);
  expectOnlyExceptions(EXCEPTIONS, shared);
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the strings are sources.
it.each([
  ["throw Error('The client was destroyed.');", 'The client was destroyed.'],
  ['`${name} must be a number from 0 on`', 'a number from 0 on'],
  ['const topic = `realtime:${name}`;', 'realtime:'],
  ["if (extension === 'postgres_changes') return;", 'postgres_changes'],
  ['const maxIdleMs = 1_800_000;', '1800000'],
  ['setInterval(beat, 25000);', '25000'],
  ['if (code >= 4001) return;', '4001'],
])('%s is found in Rust', (source, fact) => {
  expect(shared(source)).toEqual([fact]);
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the strings are sources.

/** Public names and limits of the older APIs that equal generated ones. */
const NAMESAKES: Exception[] = [
  [
    'the state of a channel in an older API',
    /^legacy\/broadcast\/managed-channel/,
    ['a declaration of ChannelState'],
  ],
  [
    'the events of a class of an older API',
    /^legacy\/interviews\/presence-manager/,
    ['a declaration of PresenceEvent'],
  ],
  [
    'the largest message of an older API, in bytes',
    /^legacy\/core-realtime\/manager/,
    ['the value 1048576'],
  ],
];

it('no other file of the package has a number or a text that is generated', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(tables.length).toBeGreaterThan(20);
  expectOnlyExceptions(NAMESAKES, repeated);
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
])('%s is not a copy', (source) => {
  expect(repeated(source)).toEqual([]);
});
