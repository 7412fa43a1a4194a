import { Suspense } from 'react';
import { Redirect, Route, Router, Switch, useLocation } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import { isFramed } from './pages/legacy/visitor.ts';
import { MissingPage } from './pages/missing-page.tsx';
import { PAGES } from './pages/pages.ts';
import { FailedPage } from './shell/failed-page.tsx';
import { Header } from './shell/header.tsx';
import { SkipLink } from './shell/skip-link.tsx';

/** The demo. */
export function App() {
  return (
    // The hash is used because the reference server only serves files, without a fallback for other paths.
    <Router hook={useHashLocation}>
      {isFramed ? (
        // The page around it has the header.
        <div className="framed">
          <ShownPage />
        </div>
      ) : (
        <>
          <SkipLink />
          <Header />
          <main id="main" tabIndex={-1}>
            <ShownPage />
          </main>
        </>
      )}
    </Router>
  );
}

function ShownPage() {
  const [location] = useLocation();
  return (
    // A failed page does not affect another one.
    <FailedPage key={location.split('/')[1]}>
      <Suspense fallback={<p className="page-loading">Loading the page…</p>}>
        <Switch>
          {PAGES.map(({ pattern, Page }) => (
            <Route key={pattern} path={pattern} component={Page} />
          ))}
          <Route path="/older/:system?">
            {/* The former address of the legacy pages. */}
            {({ system }) => <Redirect to={system ? `/legacy/${system}` : '/legacy'} replace />}
          </Route>
          <Route component={MissingPage} />
        </Switch>
      </Suspense>
    </FailedPage>
  );
}
