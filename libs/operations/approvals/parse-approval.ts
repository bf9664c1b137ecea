import { type Approval, approval } from '#contract/approval';
import type { Transport } from '#streams/open-transport';

/** The record of an approval as Redis holds it; undefined where it was changed by hand, or sealed under a key that is gone. */
export function parseApproval(
  { openBody }: Pick<Transport, 'openBody'>,
  record: string,
): Approval | undefined {
  try {
    return approval.safeParse(JSON.parse(openBody(record))).data;
  } catch {
    return undefined;
  }
}
