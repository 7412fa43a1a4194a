import { useState } from 'react';
import { supabaseApp } from '../supabase-session.ts';

interface Props {
  campaign: string;
  supplier: string;
}

/** The payout of a completed call. */
const REVENUE = 25;

/** Writes to the tables as the app's backend did, by supabase-js. */
export function CallButtons({ campaign, supplier }: Props) {
  const [running, setRunning] = useState<string | null>(null);
  const ring = async (): Promise<void> => {
    const { supabase } = await supabaseApp();
    const row = {
      campaign_id: campaign,
      supplier_id: supplier,
      caller_number: '+1 555 0123',
      status: 'connected',
      created_at: new Date().toISOString(),
    };
    const { data } = await supabase.from('calls').insert(row).select('id').single();
    setRunning(data?.id ?? null);
  };
  const hangUp = async (): Promise<void> => {
    const { supabase } = await supabaseApp();
    await supabase
      .from('calls')
      .update({ status: 'completed', revenue: REVENUE })
      .eq('id', running);
    setRunning(null);
  };
  return (
    <button type="button" className="button" onClick={() => void (running ? hangUp() : ring())}>
      {running ? 'Hang it up' : 'Take a call'}
    </button>
  );
}
