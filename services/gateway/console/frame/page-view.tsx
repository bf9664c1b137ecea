import type { ComponentType } from 'preact';
import { useEffect, useErrorBoundary, useState } from 'preact/hooks';
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
  // Data that it cannot draw ends this page, and not the way to the others.
  const [broken] = useErrorBoundary();
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
  if (broken !== undefined) return <Failed title="This page could not be shown" why={String(broken)} />;
  if (View !== undefined) return <View rest={rest} />;
  if (!hasFailed) return <Skeleton lines={6} />;
  return (
    <Failed
      title="This page could not be loaded"
      why="The gateway is away, or runs another version than this page."
    />
  );
}

function Failed({ title, why }: { title: string; why: string }) {
  return (
    <div class="empty" role="alert">
      <p class="empty-title">{title}</p>
      <p class="muted">{why}</p>
      <Button icon="refresh" onClick={() => location.reload()}>
        Load again
      </Button>
    </div>
  );
}
