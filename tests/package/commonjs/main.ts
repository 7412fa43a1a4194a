/** A CommonJS project in TypeScript that imports every entry: `tsc` checks that each has types for `require`. */
import 'tidewire/components.css';
import * as entry0 from 'tidewire';
import * as entry4 from 'tidewire/components';
import * as entry5 from 'tidewire/legacy';
import * as entry6 from 'tidewire/legacy/broadcast';
import * as entry7 from 'tidewire/legacy/core-realtime';
import * as entry8 from 'tidewire/legacy/core-realtime/before';
import * as entry9 from 'tidewire/legacy/core-realtime/config';
import * as entry10 from 'tidewire/legacy/core-realtime/services/bill-tracking';
import * as entry15 from 'tidewire/legacy/core-realtime/v1';
import * as entry11 from 'tidewire/legacy/core-realtime/websocket/manager';
import * as entry12 from 'tidewire/legacy/interviews';
import * as entry13 from 'tidewire/legacy/lazy-client';
import * as entry14 from 'tidewire/legacy/supabase-hooks';
import * as entry2 from 'tidewire/react';
import * as entry3 from 'tidewire/services';
import * as entry1 from 'tidewire/supabase';

export const entries: object[] = [
  entry0,
  entry1,
  entry2,
  entry3,
  entry4,
  entry5,
  entry6,
  entry7,
  entry8,
  entry9,
  entry10,
  entry11,
  entry12,
  entry13,
  entry14,
  entry15,
];
