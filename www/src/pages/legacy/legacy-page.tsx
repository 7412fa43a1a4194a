import { type ComponentType, lazy } from 'react';
import { useParams } from 'wouter';
import { MissingPage } from '../missing-page.tsx';
import { LegacyIndex } from './legacy-index.tsx';
import { LEGACY_PAGES, type LegacyPlace } from './legacy-pages.ts';

const PAGES: Readonly<Record<LegacyPlace, ComponentType>> = {
  '/older/interviews': lazy(() => import('./row-changes/row-changes-page.tsx')),
  '/older/broadcast': lazy(() => import('./broadcast/broadcast-page.tsx')),
  '/older/lazy-client': lazy(() => import('./lazy-client/lazy-client-page.tsx')),
  '/older/core-realtime': lazy(() => import('./civic/civic-page.tsx')),
  '/older/supabase-hooks': lazy(() => import('./marketplace/marketplace-page.tsx')),
};

/** The legacy systems: what they are, or one of them. */
export default function LegacyPage() {
  const { system } = useParams<{ system?: string }>();
  if (system === undefined) return <LegacyIndex />;
  const found = LEGACY_PAGES.find(({ place }) => place === `/older/${system}`);
  if (!found) return <MissingPage />;
  const Page = PAGES[found.place];
  return <Page key={system} />;
}
