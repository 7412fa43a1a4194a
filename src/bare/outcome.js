// Promises of the bare module: they record whether the app handles them, so that only unhandled
// failures are printed.

class Outcome extends Promise {
  // biome-ignore lint/suspicious/noThenProperty: it is a promise.
  then(fulfilled, rejected) {
    this.isObserved = true;
    return super.then(fulfilled, rejected);
  }
}

/** A promise and the functions that settle it. A failure without a handler is not an unhandled rejection. */
export function outcome() {
  const parts = [];
  const promise = new Outcome((resolve, reject) => parts.push(resolve, reject));
  promise.catch(() => {});
  promise.isObserved = false;
  return [promise, ...parts];
}

/** A promise with the members of a `Sent`. */
export function sent(id) {
  const parts = outcome();
  const members = { id: { value: id }, acked: { value: parts[0] } };
  Object.defineProperties(parts[0], members);
  parts[0].status = 'queued';
  return parts;
}
