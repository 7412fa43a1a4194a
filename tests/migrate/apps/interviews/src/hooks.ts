export { channelRegistry, useInterviewPresence as useWhoReads } from '@/lib/realtime';
