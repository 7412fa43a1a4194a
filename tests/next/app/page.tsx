import { OnlineStatus } from 'tidewire/components';
import { RealtimeProvider } from 'tidewire/react';
import { News } from './news';

/** Rendered for each request, since the address is part of it. */
export default async function Page({ searchParams }: { searchParams: Promise<{ url: string }> }) {
  const { url } = await searchParams;
  return (
    <RealtimeProvider options={{ url }}>
      <News />
      <OnlineStatus />
    </RealtimeProvider>
  );
}
