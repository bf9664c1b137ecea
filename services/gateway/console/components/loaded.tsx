import type { ComponentChildren } from 'preact';
import type { Resource } from '../resource.ts';
import { Button } from './button.tsx';
import { Empty } from './empty.tsx';

interface LoadedProps<T> {
  readonly resource: Resource<T>;
  readonly children: (data: T) => ComponentChildren;
}

/**
 * Shows what a resource holds, or that it is on its way, or why it did not come. Old data stays while it is renewed, and
 * where that fails it is said to be old: here, or where the gateway or Redis is away, in the banner.
 */
export function Loaded<T>({ resource, children }: LoadedProps<T>) {
  const { data, error, reload } = resource;
  if (data !== undefined) {
    return (
      <>
        {error === undefined || error.isPassing ? null : (
          <p class="notice warn" role="status">
            What you see may be old: {error.message}
          </p>
        )}
        {children(data)}
      </>
    );
  }
  if (error === undefined) return <Skeleton />;
  if (error.code === 'not_found') return <Empty title="Not there (any more)">{error.message}</Empty>;
  return (
    <div class="empty" role="alert">
      <p class="empty-title">
        {error.code === 'forbidden' ? 'Not for your role' : 'This could not be loaded'}
      </p>
      <p class="muted">{error.message}</p>
      <Button icon="refresh" onClick={reload}>
        Try again
      </Button>
    </div>
  );
}

/** In place of what is on its way. */
export function Skeleton({ lines = 4 }: { lines?: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} />
      ))}
    </div>
  );
}
