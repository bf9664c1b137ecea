import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get } from '../api.ts';
import { Button } from '../components/button.tsx';
import { Skeleton } from '../components/loaded.tsx';
import { recoveries } from '../connection.ts';
import type { Page, PageProps } from '../pages.ts';

const loaded = new Map<string, ComponentType<PageProps>>();

/** A page, whose code is loaded when it is shown first. */
export function PageView({ page, rest }: { page: Page; rest: readonly string[] }) {
  const [, setShown] = useState(0);
  const [hasFailed, setFailed] = useState(false);
  const View = loaded.get(page.path);
  const recovered = recoveries.value;
  useEffect(() => {
    if (loaded.has(page.path)) return;
    setFailed(false);
    page.load().then(
      ({ default: view }) => {
        loaded.set(page.path, view);
        setShown((count) => count + 1);
      },
      // The gateway is away, which the question finds out, or was replaced by another version while the page was open.
      () => {
        setFailed(true);
        get('/api/v1/me').catch(() => undefined);
      },
    );
  }, [page, recovered]);
  if (View !== undefined) return <View rest={rest} />;
  if (!hasFailed) return <Skeleton lines={6} />;
  return (
    <div class="empty" role="alert">
      <p class="empty-title">This page could not be loaded</p>
      <p class="muted">The gateway is away, or runs another version than this page.</p>
      <Button icon="refresh" onClick={() => location.reload()}>
        Load again
      </Button>
    </div>
  );
}
