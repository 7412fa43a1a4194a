import { Link } from 'wouter';
import { PageIntro } from '../shell/page-intro.tsx';

/** What is shown where no page is. */
export function MissingPage() {
  return (
    <div className="domain">
      <PageIntro title="No such page">
        There is nothing here. <Link href="/">The first page</Link> is about the connection.
      </PageIntro>
    </div>
  );
}
