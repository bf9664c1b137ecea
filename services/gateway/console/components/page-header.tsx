import type { ComponentChildren } from 'preact';

interface PageHeaderProps {
  readonly title: string;
  /** One line about what is here. */
  readonly about?: ComponentChildren;
  readonly actions?: ComponentChildren;
}

/** The first thing on each page: its only `h1`. */
export function PageHeader({ title, about, actions }: PageHeaderProps) {
  return (
    <header class="page-header">
      <div>
        <h1>{title}</h1>
        {about === undefined ? null : <p class="muted">{about}</p>}
      </div>
      {actions === undefined ? null : <div class="page-actions">{actions}</div>}
    </header>
  );
}
