import type { ComponentChildren, JSX } from 'preact';
import { hrefOf } from '../../router.ts';
import { formatBytes, formatCount } from './format-amount.ts';
import { formatDuration } from './format-duration.ts';
import type { Overview } from './overview-page.tsx';

type Tone = 'calm' | 'good' | 'warn' | 'bad';

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly note: ComponentChildren;
  readonly tone?: Tone;
  readonly href: string;
}

/** The figures of this moment. Each leads to the page that tells more. */
export function OverviewTiles({ overview }: { readonly overview: Overview }): JSX.Element {
  const { members, samples, redis } = overview;
  const last = samples.at(-1);
  const answered = samples.findLast(({ p95Ms }) => p95Ms !== null);
  const waiting = (last?.lag ?? 0) + (last?.pending ?? 0);
  const alive = (group: string): number => members.filter((member) => member.group === group).length;
  const missing = ['graph', 'egress', 'clock'].filter((group) => alive(group) === 0);
  return (
    <ul class="tiles">
      <Tile
        name="Workers"
        value={formatCount(alive('graph'))}
        note={
          missing.length > 0
            ? `no ${missing.map(roleName).join(', no ')}`
            : `${alive('egress')} egress, ${alive('clock')} clock`
        }
        tone={missing.length > 0 ? 'bad' : 'good'}
        href={hrefOf('system')}
      />
      <Tile
        name="Waiting"
        value={formatCount(waiting)}
        note={
          waiting === 0
            ? 'nothing waits'
            : `the oldest for ${formatDuration((last?.oldestSeconds ?? 0) * 1_000)}`
        }
        tone={(last?.oldestSeconds ?? 0) > 30 ? 'warn' : 'calm'}
        href={hrefOf('system')}
      />
      <Tile
        name="Time to reply"
        value={answered?.p50Ms == null ? '–' : formatDuration(answered.p50Ms)}
        note={
          answered?.p95Ms == null ? 'no reply in the last hour' : `95 % in ${formatDuration(answered.p95Ms)}`
        }
        href={hrefOf('conversations')}
      />
      <Tile
        name="Approvals"
        value={formatCount(last?.openApprovals ?? 0)}
        note={(last?.openApprovals ?? 0) === 0 ? 'none waits' : 'for a reviewer'}
        tone={(last?.openApprovals ?? 0) > 0 ? 'warn' : 'calm'}
        href={hrefOf('inbox')}
      />
      <Tile
        name="Dead letters"
        value={formatCount(last?.deadLetters ?? 0)}
        note={(last?.deadLetters ?? 0) === 0 ? 'none given up' : 'given up'}
        tone={(last?.deadLetters ?? 0) > 0 ? 'bad' : 'calm'}
        href={hrefOf('letters')}
      />
      <Tile
        name={`Redis ${redis.version}`}
        value={formatBytes(redis.usedBytes)}
        note={redis.maxBytes > 0 ? <Memory used={redis.usedBytes} max={redis.maxBytes} /> : 'no limit is set'}
        tone={redis.maxBytes > 0 && redis.usedBytes / redis.maxBytes > 0.85 ? 'bad' : 'calm'}
        href={hrefOf('system')}
      />
    </ul>
  );
}

function Tile({ name, value, note, tone = 'calm', href }: TileProps): JSX.Element {
  return (
    <li>
      <a class={`tile ${tone}`} href={href}>
        <span class="tile-name">{name}</span>
        <b class="tile-value">{value}</b>
        <span class="tile-note">{note}</span>
      </a>
    </li>
  );
}

function Memory({ used, max }: { readonly used: number; readonly max: number }): JSX.Element {
  const percent = Math.min(100, Math.round((used / max) * 100));
  return (
    <>
      {percent} % of {formatBytes(max)}
    </>
  );
}

function roleName(group: string): string {
  return group === 'graph' ? 'worker' : group;
}
