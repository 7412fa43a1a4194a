import { Link } from 'wouter';
import { PageIntro } from '../shell/page-intro.tsx';

/** Shown for an unknown location. */
export function MissingPage() {
  return (
    <div className="domain">
      <PageIntro title="No such page">
        There is nothing here. <Link href="/">The first page</Link> is about the connection.
      </PageIntro>
    </div>
  );
}
