import { useStore } from '../hooks/use-store.ts';
import { theme, toggleTheme } from '../page/theme.ts';
import { Icon } from './icon.tsx';
import { NameForm } from './name-form.tsx';

/** What this is, who one is, and the theme. */
export function Header() {
  const current = useStore(theme);
  const other = current === 'dark' ? 'light' : 'dark';
  return (
    <header className="page-head">
      <div className="brand">
        <h1>
          <span className="brand-mark">
            <Icon name="waves" />
          </span>
          tidewire
        </h1>
        <p>
          One WebSocket for the whole page: there only while something needs it, mended when it
          breaks, and what you send arrives once.
        </p>
      </div>
      <div className="page-head-tools">
        <NameForm />
        <button
          type="button"
          className="button icon-button"
          onClick={toggleTheme}
          aria-label={`Switch to the ${other} theme`}
        >
          <Icon name={current === 'dark' ? 'sun' : 'moon'} />
        </button>
      </div>
    </header>
  );
}
