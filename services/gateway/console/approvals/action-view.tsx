import type { Action } from '#contract/approval';
import { argLines, shown } from '../canonical.ts';

/** One exact action: its name, each argument as canonical JSON in a line, and the beginning of its digest. */
export function ActionView({ action, index, count }: { action: Action; index: number; count: number }) {
  const lines = argLines(action.args);
  return (
    <section class="action" aria-label={`Action ${index + 1} of ${count}`}>
      <header>
        <span class="action-name code">{shown(action.name)}</span>
        {count > 1 ? (
          <span class="muted small">
            {index + 1} of {count}
          </span>
        ) : null}
        <span class="digest code" title={`SHA-256 of exactly this action: ${action.digest}`}>
          {action.digest.slice(0, 8)}
        </span>
      </header>
      {lines.length === 0 ? (
        <p class="muted small">No arguments.</p>
      ) : (
        <dl class="args code">
          {lines.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                {typeof action.args[name] === 'string' ? <Text text={String(action.args[name])} /> : value}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

/** A text in its quotes; one of several lines is shown as such, each of them escaped by itself. */
function Text({ text }: { text: string }) {
  if (!text.includes('\n')) return <>{shown(JSON.stringify(text))}</>;
  return (
    <span class="lines">
      {text.split('\n').map((line, index) => (
        <span key={index}>{shown(line)}</span>
      ))}
    </span>
  );
}
