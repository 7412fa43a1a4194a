/** @deprecated The name is free: any text names a channel of `tidewire`. The channel of a project. */
export const getProjectChannelName = (projectId: string): string => `project:${projectId}`;

/** @deprecated The name is free: any text names a channel of `tidewire`. The channel of an interview. */
export const getInterviewChannelName = (interviewId: string): string => `interview:${interviewId}`;
