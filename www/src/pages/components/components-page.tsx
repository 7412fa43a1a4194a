import { Pane } from '../../pane/pane.tsx';
import { ANN, BOB } from '../../pane/person.ts';
import { PageIntro } from '../../shell/page-intro.tsx';
import { BobsKeyboard } from './bobs-keyboard.tsx';
import { Gallery } from './gallery.tsx';
import './components.css';

/** All ready-made components, live. */
export default function ComponentsPage() {
  return (
    <div className="domain">
      <PageIntro title="Components">
        The ten of <code>tidewire/components</code>, with their optional stylesheet in the colours
        of this page. Bob is a second user, so that Ann’s components have something to show.
      </PageIntro>
      <Pane person={BOB}>
        <BobsKeyboard />
      </Pane>
      <Pane person={ANN}>
        <Gallery />
      </Pane>
    </div>
  );
}
