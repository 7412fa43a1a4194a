/** How the current page was reached. */

let came: 'from outside' | 'from another page' = 'from outside';

addEventListener('hashchange', () => {
  came = 'from another page';
});

/** Whether another page of the demo was shown before: then the focus goes with the person. */
export const cameFromAnotherPage = (): boolean => came === 'from another page';
