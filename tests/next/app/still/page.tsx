import { News } from '../news';

/** Rendered when the app is built, with the default client. */
export default function Still() {
  return <News />;
}
