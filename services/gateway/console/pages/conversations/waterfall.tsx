import type { JSX } from 'preact';
import { formatDuration } from '../overview/format-duration.ts';
import { placeSteps } from './place-steps.ts';
import type { Turn } from './tell-turns.ts';

const kinds: Record<Turn['steps'][number]['kind'], string> = {
  understand: 'understood',
  flow: 'flow',
  tool: 'tool',
  agent: 'agent',
  model: 'model',
  security: 'security',
  review: 'review',
  aside: 'aside',
  switch: 'switch',
};

/** Statuses that say that something went wrong, or did not happen. */
const bad = new Set(['failed', 'refused', 'blocked', 'timeout', 'off', 'switched_off', 'unknown']);

/** The steps of a turn: when each began and how long it took, beside what it was. */
export function Waterfall({ turn }: { readonly turn: Turn }): JSX.Element {
  return (
    <ol class="waterfall" aria-label="Steps">
      {placeSteps(turn).map(({ step, left, width }, index) => (
        // Steps have no ids, and never change once they are written.
        <li key={index} class={bad.has(step.status) ? 'is-bad' : undefined}>
          <span class="step-kind">{kinds[step.kind]}</span>
          <span class="step-name">
            {step.name} <i>{step.status.replaceAll('_', ' ')}</i>
            {step.detail !== undefined && <small>{step.detail}</small>}
          </span>
          <span class="step-bar" aria-hidden="true">
            <i class={`step-bar-part kind-${step.kind}`} style={{ left: `${left}%`, width: `${width}%` }} />
          </span>
          <span class="step-time">{formatDuration(step.tookMs)}</span>
        </li>
      ))}
    </ol>
  );
}
