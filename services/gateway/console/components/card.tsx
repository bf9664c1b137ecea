import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface CardProps {
  readonly title?: string;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
  /** Without the space around its content, e.g. for a table. */
  readonly isFlush?: boolean;
}

export function Card({ title, actions, children, isFlush = false }: CardProps) {
  const heading = useId();
  return (
    <section
      class={`card ${isFlush ? 'flush' : ''}`}
      aria-labelledby={title === undefined ? undefined : heading}
    >
      {title === undefined ? null : (
        <header class="card-head">
          <h2 id={heading}>{title}</h2>
          {actions}
        </header>
      )}
      <div class="card-body">{children}</div>
    </section>
  );
}

/** Facts in two columns: what, and its value. */
export function Facts({ facts }: { facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
