import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { z } from 'zod';
import type { approvalList } from '../../api/resources.ts';
import { followAll } from '../live-hub.ts';
import { useResource } from '../resource.ts';
import { forgetSent, takeOutcome } from './decide.ts';
import { isAboutApprovals } from './is-about-approvals.ts';

/** How many approvals wait, as far as the console knows. */
export const approvalsWaiting = signal(0);

/** Keeps that number right, and takes what workers say of decisions; once, in the frame, for whoever may see approvals. */
export function useApprovalsWaiting(isAllowed: boolean): void {
  const { data } = useResource<z.infer<typeof approvalList>>(isAllowed ? '/api/v1/approvals' : null, {
    everyMs: 60_000,
    ...(isAllowed ? { onLive: isAboutApprovals } : {}),
  });
  useEffect(() => {
    if (isAllowed) return followAll({ onEvent: takeOutcome, onGap: forgetSent });
  }, [isAllowed]);
  useEffect(() => {
    if (data !== undefined)
      approvalsWaiting.value = data.approvals.filter(({ status }) => status === 'pending').length;
  }, [data]);
}
