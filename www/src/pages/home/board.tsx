import { useRef, useState } from 'react';
import type { Channel, Collection } from 'tidewire';
import { ScrollRegion } from '../../components/scroll-region.tsx';
import { useCollection } from '../../hooks/use-collection.ts';
import { type RejectedEdit, useEdits } from '../../hooks/use-edits.ts';
import { useTyping } from '../../hooks/use-typing.ts';
import { type Note, type NoteText, origin, parseNote } from '../../realtime/note.ts';
import { BoardState } from './board-state.tsx';
import { LossNotice } from './loss-notice.tsx';
import { NoteCard } from './note-card.tsx';
import { NoteForm } from './note-form.tsx';
import { People } from './people.tsx';
import { RejectionNotice } from './rejection-notice.tsx';
import { TypingLine } from './typing-line.tsx';

const BLANK: NoteText = { title: '', body: '' };

interface Props {
  notes: Collection<Note>;
  channel: Channel;
}

/** The open board: the people present, a form for a new note, and the notes. */
export function Board({ notes, channel }: Props) {
  const snapshot = useCollection(notes);
  const who = useTyping(channel.typing);
  const { rejections, add, edit, remove, dismiss } = useEdits(notes);
  // A new key resets the form.
  const [draft, setDraft] = useState({ round: 0, text: BLANK });
  const list = useRef<HTMLOListElement>(null);

  const rows = snapshot.items.map(parseNote);
  const unattached = rejections.filter(({ attempt }) => !rows.some((row) => isOf(attempt, row)));
  const write = (text: NoteText): void => setDraft(({ round }) => ({ round: round + 1, text }));
  const retry = (rejection: RejectedEdit): void => {
    const { attempt } = rejection;
    dismiss(rejection);
    if (attempt.kind === 'insert') write(attempt.text);
    if (attempt.kind === 'delete') remove(attempt.key, attempt.title);
  };

  return (
    <div className="board" data-testid="board">
      <div className="board-side">
        <h3 id="new-note-title">New note</h3>
        <NoteForm
          key={draft.round}
          labelledBy="new-note-title"
          initial={draft.text}
          submit="Add note"
          typing={channel.typing}
          isFocused={draft.round > 0}
          onSubmit={(text) => {
            add(text);
            write(BLANK);
          }}
        />
        <p className="board-hint">
          The server rejects a title with the word “forbidden”, or with more than 80 characters. Try
          one.
        </p>
        <h3 id="people-title">On the board</h3>
        <People presence={channel.presence} labelledBy="people-title" />
        <TypingLine who={who} />
      </div>

      <div className="board-main">
        <BoardState snapshot={snapshot} />
        <LossNotice />
        <div className="rejections" aria-live="polite">
          {unattached.map((rejection) => (
            <RejectionNotice
              key={rejection.id}
              rejection={rejection}
              onRetry={rejection.attempt.kind === 'insert' ? () => retry(rejection) : undefined}
              onDismiss={() => dismiss(rejection)}
            />
          ))}
        </div>
        <ScrollRegion className="notes-scroll" label="All notes">
          <ol ref={list} className="note-list" tabIndex={-1} data-testid="notes">
            {rows.map((row) => (
              <NoteCard
                key={origin(row)}
                note={row}
                pending={snapshot.pending.filter(({ key }) => key === row.id)}
                rejections={rejections.filter(({ attempt }) => isOf(attempt, row))}
                typing={channel.typing}
                onEdit={(text) => edit(row.id, text)}
                onRemove={() => {
                  remove(row.id, row.title);
                  // The focused button is removed with the row, so the focus is moved here.
                  list.current?.focus();
                }}
                onRetry={retry}
                onDismiss={dismiss}
              />
            ))}
          </ol>
        </ScrollRegion>
      </div>
    </div>
  );
}

const isOf = (attempt: RejectedEdit['attempt'], { id }: Note): boolean =>
  attempt.kind !== 'insert' && attempt.key === id;
