import type { ComponentChildren, JSX } from 'preact';
import { formatCost, formatCount } from '../overview/format-amount.ts';
import { formatDuration } from '../overview/format-duration.ts';
import { causeName, summariseTurn, waitedMs } from './summarise-turn.ts';
import type { Turn } from './tell-turns.ts';
import { Waterfall } from './waterfall.tsx';

export interface TurnAccountProps {
  readonly turn: Turn;
  readonly isOpen?: boolean;
}

/** How a reply came about, folded to one line until somebody wants to know. */
export function TurnAccount({ turn, isOpen = false }: TurnAccountProps): JSX.Element {
  return (
    <details class="account" open={isOpen}>
      <summary data-list-item>
        <span class="account-title">How</span>
        {summariseTurn(turn).map((part) => (
          <span key={part} class="account-part">
            {part}
          </span>
        ))}
      </summary>
      <AccountFacts turn={turn} />
      {turn.steps.length > 0 ? (
        <Waterfall turn={turn} />
      ) : (
        <p class="quiet">It took no steps: nothing was called or asked.</p>
      )}
    </details>
  );
}

function AccountFacts({ turn }: { readonly turn: Turn }): JSX.Element {
  const { understood, route, speaker, state, usage, approvals, cancelled } = turn;
  return (
    <dl class="facts account-facts">
      {understood !== null && <Understood {...understood} />}
      {speaker !== undefined && <Fact name="Spoken by">{speaker}</Fact>}
      <Fact name="Route">{route.length > 0 ? route.join(' + ') : 'no agent'}</Fact>
      <Fact name="Flow afterwards">{flowText(state)}</Fact>
      {approvals.length > 0 && (
        <Fact name="Asked reviewers">
          {approvals.map(({ id, actions }) => `${actions.join(', ')} (${id.slice(0, 6)})`).join(', ')}
        </Fact>
      )}
      {cancelled.length > 0 && (
        <Fact name="Withdrew">{cancelled.map((id) => id.slice(0, 6)).join(', ')}</Fact>
      )}
      {usage.map(({ model, inputTokens, outputTokens, cost }) => (
        <Fact key={model} name={model}>
          {formatCount(inputTokens)} tokens in, {formatCount(outputTokens)} out, cost {formatCost(cost)}
        </Fact>
      ))}
      <Fact name="Outcome">{turn.outcome.replaceAll('_', ' ')}</Fact>
      <Fact name="Time">
        {formatDuration(turn.tookMs)}, after {formatDuration(waitedMs(turn))} in the stream
      </Fact>
      {turn.attempt > 1 && (
        <Fact name="Attempts" isBad>
          {turn.attempt}: those before came to no end
        </Fact>
      )}
      <Fact name="Worker">
        {turn.worker}, epoch {turn.epoch}
      </Fact>
      <Fact name="Playbook">
        <code>{turn.playbook.slice(0, 12)}</code>, graph {turn.graph}
      </Fact>
      <Fact name="Caused by">
        {causeName(turn.cause)} <code>{turn.turn}</code>
      </Fact>
      {turn.trace !== null && (
        <Fact name="Trace">
          <code>{turn.trace.split('-')[1] ?? turn.trace}</code>
        </Fact>
      )}
    </dl>
  );
}

function Understood({
  by,
  commands,
  topics,
  urgency,
  tone,
  risk,
  confidence,
}: NonNullable<Turn['understood']>): JSX.Element {
  return (
    <>
      <Fact name="Understood as">
        {commands.length > 0
          ? commands.map((command) => (
              <code key={command} class="command-line">
                {command}
              </code>
            ))
          : 'nothing to do'}
      </Fact>
      <Fact name="Topics">{topics.length > 0 ? topics.join(', ') : 'none'}</Fact>
      <Fact name="Urgency, tone">
        {urgency}, {tone}
      </Fact>
      <Fact name="At stake" isBad={risk !== 'none'}>
        {risk.replaceAll('_', ' ')}
      </Fact>
      <Fact name="Understood by">
        {by}, {Math.round(confidence * 100)} % sure
      </Fact>
    </>
  );
}

function Fact({
  name,
  isBad = false,
  children,
}: {
  readonly name: string;
  readonly isBad?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class={isBad ? 'fact is-bad' : 'fact'}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function flowText({ flow, step, awaiting, paused }: Turn['state']): string {
  if (flow === null && paused.length === 0) return 'none open';
  const current = flow === null ? 'none' : [flow, step].filter(Boolean).join(' › ');
  const waits = awaiting === null ? '' : `, awaits ${awaiting}`;
  return `${current}${waits}${paused.length > 0 ? `; paused: ${paused.join(', ')}` : ''}`;
}
