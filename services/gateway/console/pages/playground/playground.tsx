import { useState } from 'preact/hooks';
import type { z } from 'zod';
import type { Approval } from '#contract/approval';
import type { approvalList } from '../../../api/resources.ts';
import { ApprovalDetail } from '../../approvals/approval-detail.tsx';
import { isAboutApprovals } from '../../approvals/is-about-approvals.ts';
import { Button } from '../../components/button.tsx';
import { Empty } from '../../components/empty.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { may } from '../../me.ts';
import { useResource } from '../../resource.ts';
import { useShortcuts } from '../../shortcuts.ts';
import { Conversation } from './conversation.tsx';
import { usePlay } from './use-play.ts';
import { WhatHappened } from './what-happened.tsx';

type Side = 'user' | 'reviewer' | 'story';

/** A newcomer plays both: the person who asks, and the reviewer who decides, against the running system. */
export default function Playground() {
  const play = usePlay();
  const [side, setSide] = useState<Side>('user');
  const { data } = useResource<z.infer<typeof approvalList>>(
    may('viewer') ? '/api/v1/approvals?status=recent' : null,
    {
      onLive: isAboutApprovals,
    },
  );
  useShortcuts([{ keys: 'n', title: 'Start a new conversation', group: 'Playground', run: play.startAnew }]);
  const approvals = (data?.approvals ?? []).filter(({ session }) => session === play.session);
  const waiting = approvals.filter(({ status }) => status === 'pending');
  const tabs: readonly (readonly [Side, string])[] = [
    ['user', 'You'],
    ['reviewer', waiting.length > 0 ? `Reviewer (${waiting.length})` : 'Reviewer'],
    ['story', 'What happened'],
  ];
  return (
    <>
      <PageHeader
        title="Playground"
        about="Ask as a user, decide as the reviewer. It is the running system."
        actions={
          <Button icon="plus" hint="n" onClick={play.startAnew}>
            New conversation
          </Button>
        }
      />
      <div class="play-tabs">
        {tabs.map(([name, label]) => (
          <Button key={name} size="small" kind="quiet" pressed={side === name} onClick={() => setSide(name)}>
            {label}
          </Button>
        ))}
      </div>
      <div class={`play shows-${side}`}>
        <section class="play-user card" aria-label="You, the person who asks">
          <Conversation play={play} approvals={approvals} />
        </section>
        <div class="play-right">
          <section class="play-reviewer card" aria-label="You, the reviewer">
            <header class="card-head">
              <h2>Reviewer</h2>
              <span class="muted small">
                {waiting.length > 0 ? `${waiting.length} to decide` : 'nothing waits'}
              </span>
            </header>
            <Reviewer approvals={approvals} />
          </section>
          <section class="play-story card" aria-label="What happened">
            <header class="card-head">
              <h2>What happened</h2>
            </header>
            <WhatHappened timeline={play.timeline} session={play.session} />
          </section>
        </div>
      </div>
    </>
  );
}

function Reviewer({ approvals }: { approvals: readonly Approval[] }) {
  if (approvals.length === 0) {
    return (
      <Empty icon="shield" title="No approval yet">
        What is risky stops here until a reviewer agrees. Ask for a refund, or for records to be deleted.
      </Empty>
    );
  }
  const sorted = approvals.toSorted(
    (a, b) => Number(b.status === 'pending') - Number(a.status === 'pending'),
  );
  const first = sorted.find(({ status }) => status === 'pending');
  return (
    <div class="play-approvals">
      {sorted.map((approval) => (
        <ApprovalDetail key={approval.id} approval={approval} isCompact hasKeys={approval === first} />
      ))}
    </div>
  );
}
