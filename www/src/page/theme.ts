/** The light or dark theme: the system's setting until the user chooses one. */
import { createStore } from '../realtime/store.ts';

/** The two themes. */
export type Theme = 'light' | 'dark';

const KEY = 'tidewire-demo-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

function chosen(): Theme | undefined {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === 'light' || stored === 'dark' ? stored : undefined;
  } catch {
    return undefined;
  }
}

const ofSystem = (): Theme => (system.matches ? 'dark' : 'light');

/** The current theme. */
export const theme = createStore<Theme>(chosen() ?? ofSystem());

const apply = (): void => {
  document.documentElement.dataset.theme = theme.get();
};

theme.subscribe(apply);
apply();
system.addEventListener('change', () => {
  if (!chosen()) theme.set(ofSystem());
});

// The theme may be chosen in another tab, or in the page that embeds this one.
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
    // The choice is then lost when the page is closed.
  }
}
