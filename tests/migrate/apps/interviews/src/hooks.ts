export { useInterviewPresence as useWhoReads, channelRegistry } from '@/lib/realtime';
