/** Reports errors: to listeners, to the log, and to the console if nothing handles them. */
import type { ClientState, PendingSend } from './client-state.js';
import type { RealtimeError } from './errors.js';
import { MAX_WARNINGS, SessionText } from './generated/engine.js';
import { Text } from './generated/facade.js';
import { OPTION_NAMES, type OptionsOf, type UnknownName, unknownNames } from './option-names.js';
import type { LogRecord } from './options.js';
import { warn } from './warn.js';

/** Codes of errors that the app itself caused. */
const INTENDED = ['aborted', 'destroyed'];

/** An error that may still be handled in this task. */
interface UnhandledError {
  /** Errors with the same key are one warning. */
  key: string;
  error: RealtimeError;
  channel: string | undefined;
  isHandled(): boolean;
}

/** The members of a log record that describe an error. */
export const details = ({ code, message, hint, channel, cause }: RealtimeError): object => ({
  error: code,
  message,
  hint,
  ...(channel !== undefined && { channel }),
  ...(cause !== undefined && { cause }),
});

/** Reports the errors of one client, whatever engine it has. */
export class Reporter {
  readonly #client: ClientState;
  /** Keys of the errors that were printed, or handled by a channel's `onError`. */
  readonly #known = new Set<string>();
  readonly #names = new Set<string>();
  #unhandled: UnhandledError[] = [];

  constructor(client: ClientState) {
    this.#client = client;
  }

  /** Emits and logs an error; `isHandled`: the app has received it already. */
  error(error: RealtimeError, isHandled: boolean): void {
    this.log('warn', 'error', details(error));
    this.emit(error, isHandled);
  }

  /** Emits an error that is logged already. */
  emit(error: RealtimeError, isHandled: boolean): void {
    this.#client.emit('error', error);
    const key = keyOf(error, error.channel);
    if (isHandled) this.#known.add(key);
    else this.#addUnhandled({ key, error, channel: error.channel, isHandled: () => false });
  }

  /** Reports the failure of a send, which counts as handled if the app handles its promise. */
  readonly sendFailed = ({ channel, sent }: PendingSend, error: RealtimeError): void => {
    if (INTENDED.includes(error.code)) return;
    // The app is called in a task of its own.
    queueMicrotask(() => {
      this.log('warn', 'send', { ...details(error), channel });
      const key = keyOf(error, channel);
      this.#addUnhandled({ key, error, channel, isHandled: () => sent.acked.isObserved });
    });
  };

  /** Reports unknown names in `options`, each once. */
  checkNames(kind: OptionsOf, options: object, channel?: string): void {
    for (const { path, nearest } of unknownOf(kind, options)) {
      const key = `${kind} ${path}`;
      if (this.#names.has(key) || this.#names.size >= MAX_WARNINGS) continue;
      this.#names.add(key);
      const error = this.#client.makeError(
        'invalid_argument',
        `There is no ${kind} option "${path}".`,
        nearest ? `Did you mean "${nearest}"?` : SessionText.NoEffect,
        { channel },
      );
      this.log('warn', 'error', details(error));
      this.#client.emit('error', error);
      this.#addUnhandled({ key, error, channel, isHandled: () => false });
    }
  }

  /** Logs, to the app's logger or with `debug` to the console. */
  log(level: LogRecord['level'], event: string, values: object): void {
    const { logger, debug } = this.#client.options;
    if (!logger && (!debug || logger === false)) return;
    const record: LogRecord = { level, at: Date.now(), event, ...values };
    if (logger) this.#client.call(logger, record);
    else console[level](Text.Prefix, event, record);
  }

  #addUnhandled(unhandled: UnhandledError): void {
    // The app can still add a handler in this task. Errors of the connection come before those of the
    // channels that fail with it.
    if (!this.#unhandled.length) setTimeout(() => this.#warn());
    this.#unhandled.push(unhandled);
  }

  #warn(): void {
    const { debug } = this.#client.options;
    const due = this.#unhandled.sort((a, b) => Number(!!a.channel) - Number(!!b.channel));
    this.#unhandled = [];
    for (const { key, error, channel, isHandled } of due) {
      const isKnown = this.#known.has(key) || this.#known.has(error.code);
      const hasListener = isHandled() || this.#client.listens('error');
      if (isKnown || hasListener || this.#known.size >= MAX_WARNINGS) continue;
      this.#known.add(key);
      // A logger has received it already, and with `debug` the console has.
      if (!debug) warn(error, this.#client.options, channel && ` (${channel})`);
    }
  }
}

/** Unknown names. Options that cannot be read are rejected by the call that uses them. */
function unknownOf(kind: OptionsOf, options: object): UnknownName[] {
  try {
    return unknownNames(options, OPTION_NAMES.get(kind) ?? {});
  } catch {
    return [];
  }
}

/** One warning per code and channel. */
const keyOf = ({ code }: RealtimeError, channel: string | undefined): string =>
  channel ? `${code} ${channel}` : code;

const reporters = new WeakMap<ClientState, Reporter>();

/** Returns the reporter of a client. */
export function reporterOf(client: ClientState): Reporter {
  const reporter = reporters.get(client) ?? new Reporter(client);
  reporters.set(client, reporter);
  return reporter;
}
