/** How the current page was reached. */

let arrival: 'from outside' | 'from another page' = 'from outside';

addEventListener('hashchange', () => {
  arrival = 'from another page';
});

/** Whether another page of the demo was shown before: then the new page's title receives the focus. */
export const cameFromAnotherPage = (): boolean => arrival === 'from another page';
