import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';

type Render = (text: string) => ComponentChildren;
let render: Render | undefined;

/**
 * Markdown as elements of the page, never as markup: HTML in it is text, links go to http(s) and mailto only, and there
 * are no images. Shown as it is written until the parser is loaded.
 */
export function Markdown({ text }: { text: string }) {
  const [, setLoaded] = useState(render !== undefined);
  useEffect(() => {
    if (render !== undefined) return;
    let isShown = true;
    const loading = import('./render-markdown.tsx').then(({ renderMarkdown }) => {
      render = renderMarkdown;
      if (isShown) setLoaded(true);
    });
    // Written text can be read without it; the next one tries again.
    loading.catch(() => undefined);
    return () => {
      isShown = false;
    };
  }, []);
  // Pages of hundreds of texts are drawn again with each word of the newest one.
  const content = useMemo(() => render?.(text) ?? text, [text, render]);
  return <div class={`markdown ${render === undefined ? 'raw' : ''}`}>{content}</div>;
}
