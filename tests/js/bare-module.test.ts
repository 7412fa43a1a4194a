/** The bare module has the package's types and options. */
import { expect, it } from 'vitest';
import type * as bundled from '../../pkg-template/src/index.js';
import type * as bare from '../../src/bare/types.js';

/** Whether each can be used for the other. */
type Same<A, B> = [A, B] extends [B, A] ? true : false;

/** Options without onError: the package has additional error codes. */
type WithoutOnError<Options extends { onError?: unknown }> = Omit<Options, 'onError'>;

/** Compiles only if the types are the same, except for members that only one of the two has. */
type Compared = {
  clientOptions: Same<bare.ClientOptions, Omit<bundled.ClientOptions, 'wasm'>>;
  channelOptions: Same<WithoutOnError<bare.ChannelOptions>, WithoutOnError<bundled.ChannelOptions>>;
  sendOptions: Same<bare.SendOptions, bundled.SendOptions>;
  collectionOptions: Same<
    WithoutOnError<bare.CollectionOptions<Row>>,
    WithoutOnError<bundled.CollectionOptions<Row>>
  >;
  snapshot: Same<bare.ClientSnapshot['state'], bundled.ClientSnapshot['state']>;
  errorCode: Same<
    bare.ErrorCode,
    Exclude<bundled.ErrorCode, 'engine_unavailable' | 'engine_failed'>
  >;
  meta: Same<bare.MessageMeta, bundled.MessageMeta>;
  metrics: Same<bare.Metrics, bundled.Metrics>;
  stats: Same<bare.ChannelRegistryStats, bundled.ChannelRegistryStats>;
  ack: Same<bare.Ack, bundled.Ack>;
  mutation: Same<bare.Mutation<Row>, bundled.Mutation<Row>>;
  events: Same<keyof bare.ClientEvents, keyof bundled.ClientEvents>;
  channel: Same<keyof bare.Channel, keyof bundled.Channel>;
  presence: Same<keyof bare.Presence, keyof bundled.Presence>;
  typing: Same<bare.Typing, bundled.Typing>;
  collection: Same<keyof bare.Collection<Row>, keyof bundled.Collection<Row>>;
  /** That of the bare module is a promise as well. */
  sent: bare.Sent extends bundled.Sent ? true : false;
};

interface Row {
  id: string;
  title: string;
}

it('the types of the bare module equal those of the package', () => {
  const compared: { [Type in keyof Compared]: Compared[Type] & true } = {
    clientOptions: true,
    channelOptions: true,
    sendOptions: true,
    collectionOptions: true,
    snapshot: true,
    errorCode: true,
    meta: true,
    metrics: true,
    stats: true,
    ack: true,
    mutation: true,
    events: true,
    channel: true,
    presence: true,
    typing: true,
    collection: true,
    sent: true,
  };
  expect(Object.values(compared)).not.toContain(false);
});
