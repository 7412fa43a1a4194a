import { useMemo } from 'react';
import { ActiveUsers, TypingIndicator } from 'tidewire/components';
import { useCollection, usePresence, useTyping } from 'tidewire/react';
import {
  addNote,
  type interviews,
  type Note,
  notesWithReplies,
  replyToNote,
} from 'tidewire/services';
import { ScrollRegion } from '../../components/scroll-region.tsx';
import { Composer } from '../../pane/composer.tsx';
import { labelOf, nameOf } from '../../pane/person.ts';
import { RollbackNotices } from '../../pane/rollback-notices.tsx';
import { useDemoSession } from '../../pane/use-demo-session.ts';
import { useRollbacks } from '../../pane/use-rollbacks.ts';
import { NoteThread } from './note-thread.tsx';

interface Props {
  service: ReturnType<typeof interviews>;
  interview: string;
}

/** The users present at an interview, and their notes. */
export function InterviewRoom({ service, interview }: Props) {
  const { person } = useDemoSession();
  const room = service.interview.at(interview);
  const { present } = usePresence(room, { name: person.name });
  const { who, start, stop } = useTyping(room, person.id);
  const notes = useCollection(service.notes.at(interview));
  const replies = useCollection(service.replies.at(interview));
  const { list, watch, dismiss } = useRollbacks();
  const unsaved = new Set([...notes.pending, ...replies.pending].map(({ key }) => key));
  const threads = useMemo(
    () => notesWithReplies(notes.items, replies.items),
    [notes.items, replies.items],
  );
  const profile = { id: person.id, name: person.name };

  const add = (content: string): void =>
    watch(
      addNote(notes, interview, { content, created_by: person.id, created_by_profile: profile }),
      `the note “${content}”`,
    );
  const reply = (note: Note, content: string): void =>
    watch(replyToNote(replies, note, content), `the reply “${content}”`);
  return (
    <>
      <ActiveUsers
        present={present}
        className="chips"
        texts={{ label: labelOf(person, 'At this interview') }}
      />
      <div className="part">
        <Composer label="New note" submit="Add note" onSubmit={add} onTyping={start} onStop={stop}>
          <TypingIndicator who={who.map(nameOf)} />
        </Composer>
        <RollbackNotices list={list} dismiss={dismiss} />
      </div>
      <div className="part">
        <h3>Notes</h3>
        <ScrollRegion className="pane-scroll" label={labelOf(person, 'All notes')}>
          <ol className="threads" data-testid="threads" aria-busy={notes.isLoading}>
            {[...threads].reverse().map((thread) => (
              <NoteThread
                key={thread.id}
                thread={thread}
                unsaved={unsaved}
                onReply={(content) => reply(thread, content)}
                onRemove={
                  thread.created_by === person.id
                    ? () => watch(notes.remove(thread.id), `the removal of “${thread.content}”`)
                    : undefined
                }
                typing={{ start, stop }}
              />
            ))}
          </ol>
        </ScrollRegion>
      </div>
    </>
  );
}
