import { type ComponentType, lazy } from 'react';
import { useParams } from 'wouter';
import { MissingPage } from '../missing-page.tsx';
import { LegacyIndex } from './legacy-index.tsx';
import { LEGACY_PAGES, type LegacyPath } from './legacy-pages.ts';

const PAGES: Readonly<Record<LegacyPath, ComponentType>> = {
  '/legacy/interviews': lazy(() => import('./row-changes/row-changes-page.tsx')),
  '/legacy/broadcast': lazy(() => import('./broadcast/broadcast-page.tsx')),
  '/legacy/lazy-client': lazy(() => import('./lazy-client/lazy-client-page.tsx')),
  '/legacy/core-realtime': lazy(() => import('./civic/civic-page.tsx')),
  '/legacy/supabase-hooks': lazy(() => import('./marketplace/marketplace-page.tsx')),
};

/** The page of one legacy system, or the list of all. */
export default function LegacyPage() {
  const { system } = useParams<{ system?: string }>();
  if (system === undefined) return <LegacyIndex />;
  const found = LEGACY_PAGES.find(({ path }) => path === `/legacy/${system}`);
  if (!found) return <MissingPage />;
  const Page = PAGES[found.path];
  return <Page key={system} />;
}
