/** The baseline of presence: a `Map` of metas that is updated by states and changes. */

type Metas = Record<string, object[]>;

interface PresenceFrame {
  state?: Metas;
  joins?: Metas;
  leaves?: Metas;
}

/** Returns the listener of a socket's messages. */
export function followByHand(onChange: () => void): (event: MessageEvent) => void {
  const members = new Map<string, object[]>();
  return ({ data }) => {
    const { state, joins, leaves } = JSON.parse(data) as PresenceFrame;
    for (const key of Object.keys(leaves ?? {})) members.delete(key);
    for (const [key, metas] of Object.entries({ ...state, ...joins })) members.set(key, metas);
    onChange();
  };
}
