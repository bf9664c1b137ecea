import './system.css';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { z } from 'zod';
import type { memberList, partitionList } from '../../../api/resources.ts';
import { Card } from '../../components/card.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useResource } from '../../resource.ts';
import { HeatStrip } from './heat-strip.tsx';
import { Members } from './members.tsx';
import { PartitionTable } from './partition-table.tsx';
import { readPartition } from './read-partitions.ts';

const everyMs = 3_000;

/** Where the work lies and who does it: partitions with their leases, and the processes that hold them. */
export default function SystemPage(): JSX.Element {
  const partitions = useResource<z.infer<typeof partitionList>>('/api/v1/partitions', { everyMs });
  const members = useResource<z.infer<typeof memberList>>('/api/v1/workers', { everyMs });
  const [isAll, setAll] = useState(false);
  const slots = new Map(members.data?.members.map(({ member, slot }) => [member, slot]));
  const slotOf = (member: string): string => slots.get(member) ?? member;
  return (
    <div class="system">
      <PageHeader
        title="System"
        about="Every conversation belongs to one partition. One worker at a time holds it."
      />
      <Card title="Processes" isFlush>
        <Loaded resource={members}>{(data) => <Members {...data} />}</Loaded>
      </Card>
      <Card title="Partitions">
        <Loaded resource={partitions}>
          {(data) => {
            const states = data.partitions.map((one) => readPartition(one, Date.parse(data.now)));
            return (
              <>
                <HeatStrip states={states} />
                <PartitionTable
                  states={states}
                  slotOf={slotOf}
                  isAll={isAll}
                  showAll={() => setAll(!isAll)}
                />
              </>
            );
          }}
        </Loaded>
      </Card>
    </div>
  );
}
