import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { z } from 'zod';
import type { auditLines } from '../../../api/resources.ts';
import { nameOf, shown } from '../../canonical.ts';
import { Card } from '../../components/card.tsx';
import { Empty } from '../../components/empty.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Time } from '../../components/time.tsx';
import { useListKeys } from '../../list-keys.ts';
import { useResource } from '../../resource.ts';
import { tellAuditLine } from './tell-audit-line.ts';

type Line = z.infer<typeof auditLines>['lines'][number];

/** The newest lines as sentences; each unfolds to what is really written. */
export function AuditLines(): JSX.Element {
  const resource = useResource<z.infer<typeof auditLines>>('/api/v1/audit', {
    everyMs: 15_000,
    onLive: ({ event }) => event.startsWith('approval') || event === 'decision',
  });
  return (
    <Card title="Newest lines" isFlush>
      <Loaded resource={resource}>
        {({ lines }) =>
          lines.length === 0 ? (
            <Empty icon="shield" title="No lines yet">
              The first action that waits for a reviewer writes the first line.
            </Empty>
          ) : (
            <List lines={lines} />
          )
        }
      </Loaded>
    </Card>
  );
}

function List({ lines }: { readonly lines: readonly Line[] }): JSX.Element {
  const list = useRef<HTMLOListElement>(null);
  useListKeys(list);
  return (
    <ol ref={list} class="audit-list">
      {lines.map((line) => (
        <AuditLine key={`${line.partition} ${line.id}`} {...line} />
      ))}
    </ol>
  );
}

function AuditLine({ partition, id, fields }: Line): JSX.Element {
  const { what, by, isBad } = tellAuditLine(fields);
  const at = new Date(Number(id.split('-', 1)[0]));
  return (
    <li>
      <details>
        <summary data-list-item class={isBad ? 'is-bad' : undefined}>
          <span class="audit-what">{shown(what)}</span>
          {by !== null && <span class="audit-by">{nameOf(by)}</span>}
          {/* Whoever writes to Redis by hand may give a line an id that is no time. */}
          <Time at={Number.isNaN(at.getTime()) ? id : at.toISOString()} />
        </summary>
        <dl class="fields">
          <div>
            <dt>line</dt>
            <dd>
              {partition}:{id}
            </dd>
          </div>
          {Object.entries(fields).map(([name, value]) => (
            <div key={name}>
              <dt>{shown(name)}</dt>
              <dd>{shown(value)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </li>
  );
}
