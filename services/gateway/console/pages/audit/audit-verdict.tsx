import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { z } from 'zod';
import type { auditVerdict } from '../../../api/resources.ts';
import { now } from '../../clock.ts';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { Icon } from '../../components/icon.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { tell } from '../../components/toast.tsx';
import { useResource } from '../../resource.ts';
import { useShortcuts } from '../../shortcuts.ts';
import { formatCount } from '../overview/format-amount.ts';

type Verdict = z.infer<typeof auditVerdict>;
type PartitionVerdict = Verdict['partitions'][number];

/** The gateway gives up after two minutes, which a million lines may take. */
const withinMs = 130_000;

/** When a verdict came: a page that stays open for days says how old it is. */
const times = new WeakMap<Verdict, string>();

/** Follows the chain of every partition when the page is opened, and again when asked to. */
export function AuditVerdict(): JSX.Element {
  const resource = useResource<Verdict>('/api/v1/audit/verify', { withinMs });
  const { isLoading, reload, data } = resource;
  useShortcuts([{ keys: 'v', title: 'Verify the chain again', group: 'Audit', run: reload }]);
  useEffect(() => {
    if (data?.intact !== false) return;
    const { title } = document;
    document.title = 'Audit broken · vagent';
    return () => {
      document.title = title;
    };
  }, [data?.intact]);
  return (
    <Card
      title="The chain"
      actions={
        <Button size="small" icon="refresh" isBusy={isLoading} hint="v" onClick={reload}>
          Verify again
        </Button>
      }
    >
      <div aria-live="polite" aria-busy={isLoading}>
        <Loaded resource={resource}>{(verdict) => <Told verdict={verdict} isChecking={isLoading} />}</Loaded>
      </div>
    </Card>
  );
}

function Told({
  verdict,
  isChecking,
}: {
  readonly verdict: Verdict;
  readonly isChecking: boolean;
}): JSX.Element {
  const { intact, lines, partitions } = verdict;
  const broken = partitions.filter((one) => !one.intact);
  const used = partitions.filter((one) => one.lines > 0 || !one.intact);
  return (
    <>
      <p class={intact ? 'verdict is-good' : 'verdict is-bad'}>
        <Icon name={intact ? 'shield' : 'warning'} size={22} />
        <span>
          <b>
            {intact
              ? 'Intact'
              : broken.length === 1
                ? 'Broken in one partition'
                : `Broken in ${broken.length} partitions`}
          </b>
          {isChecking ? ', being verified again' : ''}
          <small>
            {formatCount(lines)} lines in {partitions.length} partitions, each followed from its first line,{' '}
            <span aria-live="off">
              <Time at={timeOf(verdict)} />
            </span>
          </small>
        </span>
      </p>
      {broken.map(({ partition, problem }) => (
        <p key={partition} class="broken" role="alert">
          <b>Partition {partition}:</b> {problem}. Nothing behind this line is proven. Compare it with the
          heads that you have kept, and with a backup.
        </p>
      ))}
      <details class="heads" open={!intact}>
        <summary>
          Heads of the chains{' '}
          <small>keep them elsewhere: whoever can write to Redis could write a new chain</small>
        </summary>
        <Table
          label="Heads of the chains"
          columns={columns}
          rows={used}
          keyOf={({ partition }) => String(partition)}
          empty={<p class="quiet">No chain has a line yet. The first approval begins one.</p>}
        />
        {used.length > 0 && (
          <Button size="small" onClick={() => void copyHeads(used)}>
            Copy all heads
          </Button>
        )}
      </details>
    </>
  );
}

function timeOf(verdict: Verdict): string {
  const at = times.get(verdict) ?? new Date(now.peek()).toISOString();
  times.set(verdict, at);
  return at;
}

const columns: readonly Column<PartitionVerdict>[] = [
  { title: 'Partition', cell: ({ partition }) => <strong>{partition}</strong> },
  {
    title: 'State',
    cell: ({ intact }) => <Badge tone={intact ? 'good' : 'bad'}>{intact ? 'intact' : 'broken'}</Badge>,
  },
  { title: 'Lines', isNumber: true, cell: ({ lines }) => formatCount(lines) },
  { title: 'Head', isWide: true, cell: ({ head }) => <code class="hash">{head ?? 'none'}</code> },
];

async function copyHeads(partitions: readonly PartitionVerdict[]): Promise<void> {
  const text = partitions
    .map(({ partition, lines, head }) => `${partition} ${lines} ${head ?? '-'}`)
    .join('\n');
  try {
    await navigator.clipboard.writeText(`${text}\n`);
    tell('Copied: partition, lines and head, a line each.', 'good');
  } catch {
    tell('The browser does not let the page copy. Select the heads by hand.', 'bad');
  }
}
