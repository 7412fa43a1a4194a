/** Skips the header. The location's hash is the page that is shown, so a script moves the focus. */
export function SkipLink() {
  return (
    // biome-ignore lint/a11y/useValidAnchor: it leads to a place on the page, only not by the hash
    <a
      className="skip"
      href="#main"
      onClick={(event) => {
        event.preventDefault();
        document.getElementById('main')?.focus();
      }}
    >
      Skip to the demonstration
    </a>
  );
}
