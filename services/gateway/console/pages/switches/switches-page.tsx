import './switches.css';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { z } from 'zod';
import type { switchList } from '../../../api/resources.ts';
import { nameOf, shown } from '../../canonical.ts';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { Empty } from '../../components/empty.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { Time } from '../../components/time.tsx';
import { may } from '../../me.ts';
import { useResource } from '../../resource.ts';
import { switchName } from './effect-of-switch.ts';
import { RevokeAccess } from './revoke-access.tsx';
import { SwitchDialog, type SwitchPlan } from './switch-dialog.tsx';
import { SwitchOff } from './switch-off.tsx';

type Off = z.infer<typeof switchList>['switches'][number];

/** What is switched off, why, by whom and since when; and how to switch. */
export default function SwitchesPage(): JSX.Element {
  const resource = useResource<z.infer<typeof switchList>>('/api/v1/switches', { everyMs: 2_000 });
  const [plan, setPlan] = useState<SwitchPlan | null>(null);
  const isOperator = may('operator');
  return (
    <div class="switches">
      <PageHeader
        title="Switches"
        about="Every process obeys within a second, and refuses in code what is off. Who switched what is kept."
      />
      <Card title="Off now">
        <Loaded resource={resource}>
          {({ switches }) =>
            switches.length === 0 ? (
              <Empty icon="check" title="Everything is on">
                When a tool does harm, an agent talks nonsense or a room runs wild, switch just that off. The
                rest goes on.
              </Empty>
            ) : (
              <ul class="off-list">
                {switches.map((one) => (
                  <OffRow
                    key={`${one.scope} ${one.name}`}
                    off={one}
                    {...(isOperator ? { switchOn: () => setPlan({ ...one, off: false }) } : {})}
                  />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Card>
      {isOperator ? (
        <>
          <SwitchOff ask={setPlan} />
          <RevokeAccess />
        </>
      ) : (
        <p class="quiet">An operator can switch rooms, agents, tools or everything.</p>
      )}
      {plan !== null && <SwitchDialog plan={plan} close={() => setPlan(null)} onSwitched={resource.reload} />}
    </div>
  );
}

function OffRow({ off, switchOn }: { readonly off: Off; switchOn?(): void }): JSX.Element {
  const { scope, name, by, because, at } = off;
  return (
    <li>
      <Badge tone="bad">off</Badge>
      <div>
        <strong>{shown(switchName(scope, name))}</strong>
        <p>{shown(because)}</p>
        <small>
          by {by === '' ? 'nobody known' : nameOf(by)}, <Time at={at} />
        </small>
      </div>
      {switchOn !== undefined && <Button onClick={switchOn}>Switch on …</Button>}
    </li>
  );
}
