import './overview.css';
import type { JSX } from 'preact';
import type { z } from 'zod';
import type { overview } from '../../../api/resources.ts';
import { Empty } from '../../components/empty.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useResource } from '../../resource.ts';
import { OverviewCharts } from './overview-charts.tsx';
import { OverviewTiles } from './overview-tiles.tsx';
import { SwitchedOffNotice } from './switched-off-notice.tsx';

export type Overview = z.infer<typeof overview>;

/** The whole system at a glance, over the last hour. */
export default function OverviewPage(): JSX.Element {
  const resource = useResource<Overview>('/api/v1/overview', { everyMs: 5_000 });
  return (
    <div class="overview">
      <PageHeader title="Overview" about="What the system does now, and what it did in the last hour." />
      <Loaded resource={resource}>
        {(data) => (
          <>
            <SwitchedOffNotice switches={data.switches} />
            <OverviewTiles overview={data} />
            {data.samples.length === 0 ? (
              <Empty icon="chart" title="No figures yet">
                The gateway looks at the system every five seconds and keeps an hour of it. The first figures
                are here in a moment.
              </Empty>
            ) : (
              <OverviewCharts now={Date.parse(data.now)} samples={data.samples} />
            )}
          </>
        )}
      </Loaded>
    </div>
  );
}
