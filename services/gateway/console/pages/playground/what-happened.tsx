import type { z } from 'zod';
import type { turnRecord, turnStep } from '#contract/turn-record';
import { shown } from '../../canonical.ts';
import { Badge, type Tone } from '../../components/badge.tsx';
import { Empty } from '../../components/empty.tsx';
import { Icon } from '../../components/icon.tsx';
import { Time } from '../../components/time.tsx';
import type { Resource } from '../../resource.ts';
import { hrefOf } from '../../router.ts';
import type { Timeline } from './use-play.ts';

type Turn = z.infer<typeof turnRecord>;
type Step = z.infer<typeof turnStep>;

const causes: Readonly<Record<string, string>> = {
  'message.received': 'A message',
  'approval.decided': 'A decision',
  'approval.expired': 'An approval expired',
  'timer.fired': 'A check, later',
  'feedback.given': 'Feedback',
};

/** How the newest replies came about, turn by turn, newest first. */
export function WhatHappened({
  timeline,
  session,
}: {
  timeline: Resource<Timeline>;
  session: string | null;
}) {
  const turns = (timeline.data?.turns ?? []).slice(-6).toReversed();
  if (turns.length === 0) {
    return (
      <Empty icon="spark" title="Nothing yet">
        Here you see how each reply comes about: what was understood, who worked on it, which steps it took.
      </Empty>
    );
  }
  return (
    <>
      <ol class="play-turns">
        {turns.map((turn) => (
          <TurnView key={turn.turn + turn.entry} turn={turn} />
        ))}
      </ol>
      {session === null ? null : (
        <a class="whole-story" href={hrefOf('conversations', session)}>
          The whole conversation <Icon name="arrow" size={15} />
        </a>
      )}
    </>
  );
}

function TurnView({ turn }: { turn: Turn }) {
  const { understood, route, steps, state } = turn;
  return (
    <li class="play-turn">
      <div class="play-turn-head">
        <strong>{causes[turn.cause] ?? turn.cause}</strong>
        <span class="muted small">
          {Math.round(turn.tookMs)} ms · <Time at={turn.startedAt} />
        </span>
      </div>
      {understood === null ? null : (
        <p class="play-turn-line">
          <span class="muted">understood by {shown(understood.by)} as</span>{' '}
          {understood.commands.map((command) => (
            <code key={command}>{shown(command)}</code>
          ))}
        </p>
      )}
      {route.length === 0 ? null : (
        <p class="play-turn-line">
          <span class="muted">routed to</span>{' '}
          {route.map((agent) => (
            <Badge key={agent} tone="accent">
              {shown(agent)}
            </Badge>
          ))}
        </p>
      )}
      {steps.length === 0 ? null : (
        <ul class="play-steps">
          {steps.map((step, index) => (
            <StepView key={index} step={step} />
          ))}
        </ul>
      )}
      {state.flow === null ? null : (
        <p class="play-turn-line small">
          <span class="muted">now in</span> <code>{shown(state.flow)}</code>
          {state.awaiting === null ? null : (
            <>
              {' '}
              <span class="muted">awaiting</span> <code>{shown(state.awaiting)}</code>
            </>
          )}
        </p>
      )}
    </li>
  );
}

function StepView({ step }: { step: Step }) {
  return (
    <li title={step.detail}>
      <span class="muted">{step.kind}</span>
      <span class="play-step-name code">{shown(step.name)}</span>
      <Badge tone={toneOf(step.status)}>{shown(step.status)}</Badge>
    </li>
  );
}

function toneOf(status: string): Tone {
  if (/^(?:done|drafted|resumed|completed)$/.test(status)) return 'good';
  if (/fail|refus|error/.test(status)) return 'bad';
  return /propos|wait|needs/.test(status) ? 'warn' : 'neutral';
}
