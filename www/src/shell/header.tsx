import { Link } from 'wouter';
import { Icon } from '../components/icon.tsx';
import { useStore } from '../hooks/use-store.ts';
import { theme, toggleTheme } from '../page/theme.ts';
import { Navigation } from './navigation.tsx';
import './navigation.css';

/** The header: the brand, the navigation, and the theme. */
export function Header() {
  const current = useStore(theme);
  const other = current === 'dark' ? 'light' : 'dark';
  return (
    <header className="page-head">
      <Link href="/" className="brand">
        <span className="brand-mark">
          <Icon name="waves" />
        </span>
        tidewire
      </Link>
      <Navigation />
      <button
        type="button"
        className="button icon-button"
        onClick={toggleTheme}
        aria-label={`Switch to the ${other} theme`}
      >
        <Icon name={current === 'dark' ? 'sun' : 'moon'} />
      </button>
    </header>
  );
}
