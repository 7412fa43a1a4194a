/** Which modules are an older system's, and which entries stand for them. */
import { posix } from 'node:path';
import { FAMILIES, has } from './families.js';
import { NAMES } from './names.js';

/**
 * @typedef {object} Options
 * @property {string} file the file that imports
 * @property {string | undefined} from the family
 * @property {Map<string, string>} map entries by modules of the older system
 * @property {ReadonlySet<string>} packages names of packages, which are nobody's modules
 * @property {boolean} renames
 */

/** A part of a path that says what is in there. */
const TELLING = /^(.*-)?(real-?time|web-?socket|broadcast)(-.*)?$/i;

/**
 * A name as a file may be named for it: `useBillTracking`, `use-bill-tracking`.
 *
 * @param {string} name
 */
const plain = (name) => name.replaceAll('-', '').toLowerCase();

/**
 * The path of a module of the app's own, without what leads to it; `undefined` for a package's.
 *
 * @param {string} specifier
 * @param {Options} options
 * @returns {string | undefined}
 */
function pathOf(specifier, { file, packages }) {
  const [first = '', second = ''] = specifier.split('/');
  const name = first.startsWith('@') ? `${first}/${second}` : first;
  if (name === 'tidewire' || packages.has(name) || /^[a-z]+:/.test(specifier)) return undefined;
  return specifier.startsWith('.')
    ? bare(posix.join(posix.dirname(file.replaceAll('\\', '/')), specifier))
    : bare(specifier);
}

/**
 * A path without what leads to it, and what every module's may end with.
 *
 * @param {string} path
 */
const bare = (path) =>
  path
    .replace(/^[@~#]\/?|^\.?\//, '')
    .replace(/\.[cm]?[jt]sx?$/, '')
    .replace(/\/index$/, '');

/**
 * The entry that the app named for a path.
 *
 * @param {string} path
 * @param {Options} options
 */
const mapped = (path, { map }) =>
  [...map].find(([old]) => path === bare(old) || path.endsWith(`/${bare(old)}`))?.[1];

/**
 * What the entries can do that a module is named for: `hooks/useBillTracking`.
 *
 * @param {string} path
 * @param {readonly string[]} entries
 */
function namesake(path, entries) {
  const last = plain(path.split('/').at(-1) ?? '');
  return entries.flatMap((one) => NAMES[one]?.values ?? []).find((name) => plain(name) === last);
}

/**
 * @param {string} path
 * @param {readonly string[]} entries
 * @param {Options} options
 */
function isTelling(path, entries, { from }) {
  if (path.split('/').some((part) => TELLING.test(part))) return true;
  const name = namesake(path, entries);
  // Where nobody said of which system the app is, an app may have an `EventEmitter` of its own.
  return name !== undefined && (from !== undefined || name.startsWith('use'));
}

/** A module of an older system. */
export class OlderModule {
  /**
   * @param {string} path
   * @param {readonly (readonly string[])[]} choices the entries that stand for it, by family
   * @param {'named' | 'guessed'} by whether the app said of which system it is
   */
  constructor(path, choices, by) {
    this.path = path;
    this.choices = choices;
    this.by = by;
  }

  /**
   * Whether what stays of it is worth a word.
   *
   * @param {readonly string[]} names what is taken from it
   */
  isMeant(names) {
    return (
      this.by === 'named' || names.some((name) => this.choices.flat().some((one) => has(one, name)))
    );
  }

  /**
   * What an entry calls a name: a module's default may be what the module is named for.
   *
   * @param {string} name
   */
  nameFor(name) {
    if (name !== 'default' || this.choices.flat().some((entry) => has(entry, name))) return name;
    return namesake(this.path, this.choices.flat()) ?? name;
  }

  /**
   * The entries of these names, all of one family: that which has the most of them. `undefined` where several
   * have as many: `--from` says which is meant.
   *
   * @param {readonly string[]} names
   * @returns {((name: string) => string | undefined) | undefined}
   */
  entriesOf(names) {
    const finders = this.choices.map((entries) => {
      /** @param {string} name */
      const find = (name) => entries.find((entry) => has(entry, name));
      return { find, count: names.filter(find).length };
    });
    const most = Math.max(...finders.map(({ count }) => count));
    const [best, other] = finders.filter(({ count }) => count === most);
    // Where none has any, there is nothing to tell apart.
    return other && most ? undefined : best?.find;
  }

  /**
   * The one entry that has all of these names, for what cannot be taken apart.
   *
   * @param {readonly string[]} names
   * @returns {string | undefined}
   */
  entryOfAll(names) {
    const all = this.choices.flatMap((entries) => {
      const entry = entries.find((one) => names.every((name) => has(one, name)));
      return entry ? [entry] : [];
    });
    return all.length === 1 ? all[0] : undefined;
  }
}

/**
 * The module of an older system that a specifier names.
 *
 * @param {string} specifier
 * @param {Options} options
 * @returns {OlderModule | undefined}
 */
export function olderModule(specifier, options) {
  const path = pathOf(specifier, options);
  if (path === undefined) return undefined;
  const entry = mapped(path, options);
  if (entry) return new OlderModule(path, [[entry]], 'named');
  const families = options.from ? [FAMILIES[options.from]] : Object.values(FAMILIES);
  const choices = families.map((family) =>
    (family?.entries ?? []).filter(({ at }) => !at || at.test(path)).map(({ entry }) => entry),
  );
  if (!isTelling(path, choices.flat(), options)) return undefined;
  return new OlderModule(path, choices, options.from ? 'named' : 'guessed');
}
