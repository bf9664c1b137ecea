import type { Logger } from 'pino';
import { z } from 'zod';
import type { PiiKind, PrivacyPolicy } from '#playbook/policies';
import { createProtect } from './create-protect.ts';
import { derivePlaceholderKey } from './derive-placeholder-key.ts';
import { loadPrivacyPolicy } from './load-privacy-policy.ts';
import type { Protect } from './privacy.ts';
import { protectValue } from './protect-value.ts';

export interface Privacy {
  readonly protect: Protect;
  /** What is kept of an event that nobody can decide about: nothing in it can be put back. Null of what is no JSON. */
  readonly withoutPersonalData: (raw: unknown) => unknown;
}

const json = z.json();

/** Reads what becomes of personal data, once. @throws {PlaybookError} where the playbook does not say it well. */
export async function openPrivacy(
  settings: { readonly playbookDir: string; readonly payloadKey: string | undefined },
  log: Logger,
): Promise<Privacy> {
  const policy = await loadPrivacyPolicy(settings.playbookDir);
  const key = derivePlaceholderKey(settings.payloadKey);
  if (key === undefined && Object.values(policy).includes('token')) {
    log.warn(
      'PAYLOAD_KEY is not set: personal data is taken out of messages for good and never put back into replies',
    );
  }
  const forGood = createProtect({ policy: withoutBlocks(policy), key: undefined });
  return {
    protect: createProtect({ policy, key }),
    withoutPersonalData: (raw) => withoutPersonalData(forGood, raw),
  };
}

function withoutPersonalData(forGood: Protect, raw: unknown): unknown {
  try {
    const parsed = json.safeParse(raw);
    const result = parsed.success ? protectValue(forGood, parsed.data, '') : undefined;
    return result?.ok === true ? result.value : null;
  } catch (error) {
    // Nested so deep that it cannot be walked: a homeserver may send that, and nothing of it is needed.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** A dead letter is kept in any case, without what is blocked. */
function withoutBlocks(policy: PrivacyPolicy): PrivacyPolicy {
  const lasting = (kind: PiiKind) => (policy[kind] === 'block' ? 'redact' : policy[kind]);
  return {
    email: lasting('email'),
    phone: lasting('phone'),
    card: lasting('card'),
    iban: lasting('iban'),
    ip: lasting('ip'),
    api_key: lasting('api_key'),
  };
}
