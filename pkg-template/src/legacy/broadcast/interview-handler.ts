import { type ChangePayload, ListHandler } from './list-handler.js';
import type { Interview } from './types.js';

/** The interviews of projects, from messages of the type `interview`. */
export class InterviewHandler extends ListHandler<Interview> {
  protected override listOf({ project_id }: ChangePayload<Interview>): string | undefined {
    return project_id;
  }

  /** The interviews of a project, the newest first. */
  of(projectId: string): readonly Interview[] {
    return this.lists.get(projectId) ?? NONE;
  }

  /** Takes in what was loaded. */
  load(projectId: string, interviews: readonly Interview[]): void {
    this.replace(projectId, interviews);
  }
}

const NONE: readonly Interview[] = [];
