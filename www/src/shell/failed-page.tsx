import { Component, type ReactNode } from 'react';

interface Props {
  children: ReactNode;
}

interface State {
  failure: Error | null;
}

/** Shown for a page that could not be loaded, or that threw. */
export class FailedPage extends Component<Props, State> {
  override state: State = { failure: null };

  static getDerivedStateFromError(failure: Error): State {
    return { failure };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (!failure) return this.props.children;
    return (
      <div className="domain" role="alert">
        <p>This page could not be shown. {failure.message}</p>
        <p>
          <button type="button" className="button" onClick={() => globalThis.location.reload()}>
            Load it again
          </button>
        </p>
      </div>
    );
  }
}
