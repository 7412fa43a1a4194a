/** The names of all options, and the nearest one to an unknown name. */
import type { CollectionOptions } from './collection-types.js';
import type { ChannelOptions } from './common-types.js';
import {
  CHANNEL_OPTIONS,
  CLIENT_OPTIONS,
  COLLECTION_OPTIONS,
  SEND_OPTIONS,
} from './generated/engine.js';
import type { OptionsOf } from './generated/types.js';
import type { ClientOptions } from './options.js';
import type { SendOptions } from './sent.js';

export type { OptionsOf };

/** Names of options; `0`: the value has no known names of its own. */
interface Names {
  readonly [name: string]: Names | 0;
}

/** The object in the type of an option's value; of a list, that of its items. */
type Within<T> = Extract<T extends readonly (infer Item)[] ? Item : T, object>;

/** The names that are not those of the interface's members, at any depth. */
type Differences<N, T> =
  | Exclude<keyof N, keyof T>
  | Exclude<keyof T, keyof N>
  | {
      [Name in keyof N & keyof T]: N[Name] extends 0
        ? never
        : Differences<N[Name], Required<Within<T[Name]>>>;
    }[keyof N & keyof T];

/** The names, if they are those of the interface; else those that differ. */
type NamesOf<T, N> = [Differences<N, Required<T>>] extends [never]
  ? N
  : Differences<N, Required<T>>;

const CLIENT: NamesOf<ClientOptions, typeof CLIENT_OPTIONS> = CLIENT_OPTIONS;
const CHANNEL: NamesOf<ChannelOptions, typeof CHANNEL_OPTIONS> = CHANNEL_OPTIONS;
const ROWS = { ...CHANNEL_OPTIONS, ...COLLECTION_OPTIONS };
const COLLECTION: NamesOf<CollectionOptions<object>, typeof ROWS> = ROWS;
const SEND: NamesOf<SendOptions, typeof SEND_OPTIONS> = SEND_OPTIONS;

/** The known names by kind. */
export const OPTION_NAMES: ReadonlyMap<OptionsOf, Names> = new Map<OptionsOf, Names>([
  ['client', CLIENT],
  ['channel', CHANNEL],
  ['collection', COLLECTION],
  ['send', SEND],
]);

/** The path of an unknown name, and the path of the nearest known one, if one is similar. */
export interface UnknownName {
  path: string;
  nearest: string | undefined;
}

/** Returns the unknown names in `options`. Those whose value is undefined are ignored. */
export function unknownNames(options: object, names: Names, within = ''): UnknownName[] {
  return Object.entries(options).flatMap(([name, value]): UnknownName[] => {
    if (value === undefined) return [];
    const known = Object.hasOwn(names, name) ? names[name] : undefined;
    if (known === undefined) {
      const nearest = nearestOf(name, Object.keys(names));
      return [{ path: within + name, nearest: nearest && within + nearest }];
    }
    if (!known || typeof value !== 'object' || !value) return [];
    // Not `flat()`: a proxy may give any length.
    const parts: object[] = Array.isArray(value) ? [...value] : [value];
    return parts.flatMap((part) => unknownNames(part ?? {}, known, `${within}${name}.`));
  });
}

/** Returns the edit distance: the number of letters to add, remove or replace. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

function nearestOf(name: string, names: string[]): string | undefined {
  const given = name.toLowerCase();
  const [best] = names
    .map((candidate): [string, number] => {
      const other = candidate.toLowerCase();
      const isPart = other.includes(given) || given.includes(other);
      return [candidate, isPart ? 1 : distance(given, other)];
    })
    .sort(([a, near], [b, far]) => near - far || a.length - b.length);
  return best && best[1] <= name.length / 2 + 1 ? best[0] : undefined;
}
