/** Light or dark: the system's choice until the person makes another. */
import { createStore } from '../realtime/store.ts';

/** The two themes. */
export type Theme = 'light' | 'dark';

const KEY = 'tidewire-demo-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

function chosen(): Theme | undefined {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : undefined;
  } catch {
    return undefined;
  }
}

const ofSystem = (): Theme => (system.matches ? 'dark' : 'light');

/** The theme in force. */
export const theme = createStore<Theme>(chosen() ?? ofSystem());

const apply = (): void => {
  document.documentElement.dataset.theme = theme.get();
};

theme.subscribe(apply);
apply();
system.addEventListener('change', () => {
  if (!chosen()) theme.set(ofSystem());
});

// A choice in another tab, or in the page around this one, is a choice.
addEventListener('storage', ({ key }) => {
  if (key === KEY) theme.set(chosen() ?? ofSystem());
});

/** Changes to the other theme and remembers it. */
export function toggleTheme(): void {
  const next: Theme = theme.get() === 'dark' ? 'light' : 'dark';
  theme.set(next);
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // The choice then lasts as long as the page.
  }
}
