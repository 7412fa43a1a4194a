import { useParams } from 'wouter';
import { MissingPage } from '../missing-page.tsx';
import { OlderIndex } from './older-index.tsx';
import { OLDER_PAGES } from './older-pages.ts';

/** The older systems: what they are, or one of them. */
export default function OlderPage() {
  const { system } = useParams<{ system?: string }>();
  if (system === undefined) return <OlderIndex />;
  const found = OLDER_PAGES.find(({ place }) => place === `/older/${system}`);
  return found ? <found.Page key={system} /> : <MissingPage />;
}
