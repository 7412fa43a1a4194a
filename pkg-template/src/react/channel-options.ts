/** What the hooks of a channel take besides its name. */
import type { ChannelOptions } from '../index.js';
import { useOptions } from './use-options.js';

/** A channel's name. None, or an empty one: the hook waits, without a subscription. */
export type ChannelName = string | null | undefined;

/** How to take part in a channel, and which of its messages count. */
export interface HookOptions extends ChannelOptions {
  /** Only messages of this event, where messages have one. Default: all. */
  event?: string;
}

/** The name of an event, or options. */
export type EventOrOptions = string | HookOptions | null | undefined;

/** An event and options that stay the same objects until they say something else. */
export interface ChannelWishes {
  /** `'*'`: all. */
  readonly event: string;
  readonly options: ChannelOptions | undefined;
}

/** Reads the two forms in which the hooks are told what counts. */
export function useChannelWishes(given: EventOrOptions): ChannelWishes {
  const { event = '*', ...options } = typeof given === 'string' ? { event: given } : (given ?? {});
  return { event, options: useOptions(options) };
}
