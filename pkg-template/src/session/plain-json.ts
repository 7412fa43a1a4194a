/** Serializes values several times faster than with a replacer: they are copied, and the copy needs none. */
import type { FacadeState } from '../client-state.js';
import { MAX_DEPTH, MAX_VALUES } from '../generated/facade.js';

type Serialise = FacadeState['serialise'];

/** Put in place of a value that ends the copying: no JSON. */
const END = Symbol();

/** Copies one value, without getters: each runs once, here. */
class Copying {
  /** Whether the copy contains a value that may be no JSON; then the checks of `serialise` decide. */
  isDoubtful = false;
  /** The objects around the visited value, outermost first. */
  readonly #holders: object[] = [];
  /** Limits the work for an object that contains the same object many times. */
  #left = MAX_VALUES;

  copyOf(given: unknown, key: string | number): unknown {
    if (this.#left-- <= 0) return this.#doubt(END);
    if (typeof given === 'string' || typeof given === 'boolean' || given === null) return given;
    if (typeof given === 'number') return Number.isFinite(given) ? given : this.#doubt(given);
    const { toJSON } = Object(given);
    if (typeof toJSON !== 'function') return this.#copyOfObject(given);
    const json = toJSON.call(given, `${key}`);
    return Object(json) === json ? this.#copyOfObject(json) : this.#doubt(json);
  }

  #copyOfObject(part: unknown): unknown {
    if (typeof part === 'function') return this.#doubt(END);
    const tag = typeof part === 'object' && {}.toString.call(part);
    if (tag !== '[object Object]' && tag !== '[object Array]') return this.#doubt(part);
    const holders = this.#holders;
    const object = part as Record<string, unknown>;
    if (holders.length >= MAX_DEPTH || holders.includes(object)) return this.#doubt(END);
    holders.push(object);
    const copy = Array.isArray(object) ? this.#copyOfList(object) : this.#copyOfMembers(object);
    holders.pop();
    return copy;
  }

  #copyOfList(list: unknown[]): unknown[] {
    const copy: unknown[] = [];
    const { length } = list;
    // One that is too long ends it by the limit of values.
    for (let at = 0; at < length && this.#left >= 0; at++) copy.push(this.copyOf(list[at], at));
    return copy;
  }

  #copyOfMembers(object: Record<string, unknown>): object {
    const copy = { ...object };
    for (const name of Object.keys(copy)) copy[name] = this.copyOf(copy[name], name);
    return copy;
  }

  #doubt(part: unknown): unknown {
    this.isDoubtful = true;
    return part;
  }
}

/** Returns a function with the results of `serialise`, which checks what is not JSON for certain. */
export const plainJson =
  (serialise: Serialise): Serialise =>
  (value, argument) => {
    const copying = new Copying();
    let copy: unknown;
    try {
      copy = copying.copyOf(value, '');
    } catch (cause) {
      copying.isDoubtful = true;
      copy = {
        toJSON() {
          throw cause;
        },
      };
    }
    return copying.isDoubtful ? serialise(copy, argument) : JSON.stringify(copy);
  };
