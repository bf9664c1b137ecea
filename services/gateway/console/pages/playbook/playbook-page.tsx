import './playbook.css';
import type { JSX } from 'preact';
import type { z } from 'zod';
import type { playbook, switchList } from '../../../api/resources.ts';
import { nameOf } from '../../canonical.ts';
import { Badge, type Tone } from '../../components/badge.tsx';
import { Card } from '../../components/card.tsx';
import { Empty } from '../../components/empty.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { useResource } from '../../resource.ts';
import { hrefOf } from '../../router.ts';

type Playbook = z.infer<typeof playbook>;
type Off = (scope: 'agent' | 'tool', name: string) => boolean;

/** What the bot knows and may do, as new conversations find it. */
export default function PlaybookPage(): JSX.Element {
  const resource = useResource<Playbook>('/api/v1/playbook', { everyMs: 30_000 });
  const { data: switches } = useResource<z.infer<typeof switchList>>('/api/v1/switches', { everyMs: 10_000 });
  const isOff: Off = (scope, name) =>
    switches?.switches.some((one) => one.scope === scope && one.name === name) === true;
  const { data } = resource;
  return (
    <div class="playbook">
      <PageHeader
        title="Playbook"
        about={
          data === undefined ? (
            'What the bot knows and may do.'
          ) : (
            <>
              {data.name}, version <code>{data.version.slice(0, 12)}</code>. Open conversations end on the
              version that they began with.
            </>
          )
        }
      />
      <Loaded resource={resource}>
        {(known) => (
          <>
            <Card title={`Agents (${known.agents.length})`} isFlush>
              <Table
                label="Agents"
                columns={agentColumns(isOff)}
                rows={known.agents}
                keyOf={({ id }) => id}
                empty={
                  <Empty icon="person" title="No agents">
                    Without one every message goes to a person.
                  </Empty>
                }
              />
            </Card>
            <Card title={`Tools (${known.tools.length})`} isFlush>
              <Table
                label="Tools"
                columns={toolColumns(isOff)}
                rows={[...known.tools].sort((a, b) => risks.indexOf(b.risk) - risks.indexOf(a.risk))}
                keyOf={({ name }) => name}
                empty={
                  <Empty icon="shield" title="No tool has a policy">
                    What is not of low risk by its own account waits for <code>REVIEWERS</code> all the same.
                  </Empty>
                }
              />
            </Card>
            <Card title={`Flows (${known.flows.length})`} isFlush>
              <Table
                label="Flows"
                columns={flowColumns}
                rows={known.flows}
                keyOf={({ id }) => id}
                empty={
                  <Empty icon="book" title="No flows">
                    Agents answer without any.
                  </Empty>
                }
              />
            </Card>
            <Card title={`Flags (${known.flags.length})`} isFlush>
              <Table
                label="Flags"
                columns={flagColumns}
                rows={known.flags}
                keyOf={({ id }) => id}
                empty={
                  <Empty icon="switch" title="No flags">
                    A flag lets a part of the people have an agent first. They stand in{' '}
                    <code>flags.json</code>.
                  </Empty>
                }
              />
            </Card>
          </>
        )}
      </Loaded>
    </div>
  );
}

const risks = ['low', 'medium', 'high'];
const riskTones: Readonly<Record<string, Tone>> = { high: 'bad', medium: 'warn', low: 'good' };

function OffBadge(): JSX.Element {
  return (
    <a class="badge-link" href={hrefOf('switches')}>
      <Badge tone="bad">off</Badge>
    </a>
  );
}

function agentColumns(isOff: Off): readonly Column<Playbook['agents'][number]>[] {
  return [
    {
      title: 'Agent',
      cell: ({ id }) => (
        <span class="named">
          <strong>{id}</strong> {isOff('agent', id) && <OffBadge />}
        </span>
      ),
    },
    { title: 'What it is for', isProse: true, cell: ({ description }) => description },
    {
      title: 'Tools',
      cell: ({ tools }) => (
        <span class="names">
          {tools.map((tool) => (
            <code key={tool}>{tool}</code>
          ))}
        </span>
      ),
    },
    { title: 'Read first', cell: ({ review }) => review.replaceAll('_', ' ') },
    { title: 'Flag', cell: ({ flag }) => (flag === null ? '–' : <code>{flag}</code>) },
  ];
}

function toolColumns(isOff: Off): readonly Column<Playbook['tools'][number]>[] {
  return [
    {
      title: 'Tool',
      cell: ({ name }) => (
        <span class="named">
          <strong>{name}</strong> {isOff('tool', name) && <OffBadge />}
        </span>
      ),
    },
    { title: 'Risk', cell: ({ risk }) => <Badge tone={riskTones[risk] ?? 'neutral'}>{risk}</Badge> },
    {
      title: 'Reviewers',
      isWide: true,
      cell: ({ reviewers }) =>
        reviewers.length === 0 ? 'those of REVIEWERS' : reviewers.map(nameOf).join(', '),
    },
    { title: 'Have to agree', isNumber: true, cell: ({ quorum }) => quorum },
  ];
}

const flowColumns: readonly Column<Playbook['flows'][number]>[] = [
  { title: 'Flow', cell: ({ id }) => <strong>{id}</strong> },
  { title: 'What it is for', isProse: true, cell: ({ description }) => description },
  { title: 'Steps', isNumber: true, cell: ({ steps }) => steps },
];

const flagColumns: readonly Column<Playbook['flags'][number]>[] = [
  { title: 'Flag', cell: ({ id }) => <code>{id}</code> },
  {
    title: 'State',
    cell: ({ state }) => (
      <Badge tone={state.toLowerCase() === 'enabled' ? 'good' : 'neutral'}>{state.toLowerCase()}</Badge>
    ),
  },
  { title: 'What it is for', isProse: true, cell: ({ description }) => description || '–' },
];
