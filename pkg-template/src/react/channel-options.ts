/** The options of the channel hooks. */
import type { ChannelOptions } from '../index.js';
import { useOptions } from './use-options.js';

/** A channel's name. `null`, `undefined` or an empty string: the hook does not subscribe. */
export type ChannelName = string | null | undefined;

/** Options of a channel, and the event to listen to. */
export interface HookOptions extends ChannelOptions {
  /** Receive only messages of this event, where messages have one. Default: all. */
  event?: string;
}

/** The name of an event, or options. */
export type EventOrOptions = string | HookOptions | null | undefined;

/** An event and options; the same objects until their content changes. */
export interface SelectedOptions {
  /** `'*'`: all. */
  readonly event: string;
  readonly options: ChannelOptions | undefined;
}

/** Normalizes the two forms of the hooks' argument. */
export function useChannelOptions(given: EventOrOptions): SelectedOptions {
  const { event = '*', ...options } = typeof given === 'string' ? { event: given } : (given ?? {});
  return { event, options: useOptions(options) };
}
