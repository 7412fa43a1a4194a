import type { Note, Reply } from 'tidewire/services';
import { SavingMark } from '../../pane/saving-mark.tsx';
import { When } from '../../pane/when.tsx';

interface Props {
  remark: Note | Reply;
  isUnsaved: boolean;
}

/** A text with its author and time. */
export function Remark({ remark, isUnsaved }: Props) {
  const { content, created_by: by, created_by_profile: profile, created_at: at } = remark;
  return (
    <>
      <p className="remark-by">
        <b>{profile?.name ?? by ?? 'You'}</b> <When at={at} /> {isUnsaved && <SavingMark />}
      </p>
      <p className="remark">{content}</p>
    </>
  );
}
