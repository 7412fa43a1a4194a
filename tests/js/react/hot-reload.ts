/** Hot reload, as bundlers do it. It must be imported before React's renderer, which detects it when it is loaded. */
import { act } from 'react';
import refresh from 'react-refresh/runtime';

refresh.injectIntoGlobalHook(window);

/** Replaces the mounted component of the same name and hooks. */
export async function reload<C>(name: string, component: C): Promise<C> {
  const sign = refresh.createSignatureFunctionForTransform();
  sign(component, `the hooks of ${name}`, false);
  refresh.register(component, name);
  await act(async () => refresh.performReactRefresh());
  return component;
}
