/** The names of all options, and the nearest one to an unknown name. */
import type { CollectionOptions } from './collection-types.js';
import type { ChannelOptions } from './common-types.js';
import { CHANNEL_OPTIONS, CLIENT_OPTIONS } from './generated/engine.js';
import type { ClientOptions } from './options.js';
import type { SendOptions } from './sent.js';

/** Names of options; `0`: the value has no known names of its own. */
interface Names {
  readonly [name: string]: Names | 0;
}

/** The type of an option's value, or of the items of a list. */
type Members<T> = T extends readonly (infer Item)[] ? Item : T;
type NamesOf<T> = Record<keyof Required<T>, Names | 0>;
/** The names within an option of the client. */
type Within<K extends keyof ClientOptions> = NamesOf<
  Exclude<Members<NonNullable<ClientOptions[K]>>, false>
>;

const CAP: NamesOf<NonNullable<NonNullable<ClientOptions['reconnect']>['caps']>[number]> = {
  untilMs: 0,
  maxMs: 0,
};
const RECONNECT: Within<'reconnect'> = { ...CLIENT_OPTIONS.reconnect, caps: CAP };

const CLIENT: NamesOf<ClientOptions> = {
  ...CLIENT_OPTIONS,
  reconnect: RECONNECT,
  debug: 0,
  logger: 0,
  wasm: 0,
};

const REPLAY: NamesOf<NonNullable<NonNullable<ChannelOptions['broadcast']>['replay']>> = {
  since: 0,
  limit: 0,
};

const CHANNEL: NamesOf<ChannelOptions> = {
  ...CHANNEL_OPTIONS,
  broadcast: { ...CHANNEL_OPTIONS.broadcast, replay: REPLAY },
  onError: 0,
  onGap: 0,
};

const EVENTS: NamesOf<NonNullable<CollectionOptions<object>['events']>> = {
  insert: 0,
  update: 0,
  delete: 0,
};

const COLLECTION: NamesOf<CollectionOptions<object>> = {
  ...CHANNEL,
  key: 0,
  load: 0,
  persist: 0,
  events: EVENTS,
  conflict: 0,
  version: 0,
  sort: 0,
  limit: 0,
};

const SEND: NamesOf<SendOptions> = {
  ack: 0,
  event: 0,
  timeoutMs: 0,
  ttlMs: 0,
  ephemeral: 0,
  signal: 0,
};

/** The kinds of options. */
export type OptionsOf = 'client' | 'channel' | 'collection' | 'send';

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
