/** A new page with the older civic module, and a running engine. */
import { vi } from 'vitest';
import type { ServiceManager } from '../../../pkg-template/src/legacy/core-realtime/index.js';
import { freshStage } from '../react/stage.js';

/** The module and its first version, on a page that is not connected yet. */
export async function freshCivic() {
  const stage = await freshStage();
  const { configureLegacy } = await import('../../../pkg-template/src/legacy/index.js');
  const core = await import('../../../pkg-template/src/legacy/core-realtime/index.js');
  const v1 = await import('../../../pkg-template/src/legacy/core-realtime/v1/index.js');
  return { ...stage, configureLegacy, core, v1 };
}

export type Civic = Awaited<ReturnType<typeof freshCivic>>;

/** A manager as the older documentation passes it to services. */
export const createMockWebSocketManager = () => ({
  subscribe: vi.fn<ServiceManager['subscribe']>((topic) => `sub_${topic}`),
  unsubscribe: vi.fn<ServiceManager['unsubscribe']>(),
  send: vi.fn<ServiceManager['send']>(),
});

/** A JWT of this user, unsigned. */
export const tokenOf = (sub: string): string => `x.${btoa(JSON.stringify({ sub }))}.x`;
