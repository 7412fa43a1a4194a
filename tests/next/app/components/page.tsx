import { RealtimeProvider } from 'tidewire/react';
import { Gallery } from './gallery';

/** Rendered for each request, since the address is part of it. */
export default async function Page({ searchParams }: { searchParams: Promise<{ url: string }> }) {
  const { url } = await searchParams;
  return (
    <RealtimeProvider options={{ url }}>
      <Gallery />
    </RealtimeProvider>
  );
}
