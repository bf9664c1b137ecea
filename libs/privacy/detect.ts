import type { PiiKind } from '#playbook/policies';
import { findApiKeys } from './find-api-keys.ts';
import { findCards } from './find-cards.ts';
import { findEmails } from './find-emails.ts';
import { findIbans } from './find-ibans.ts';
import { findIpAddresses } from './find-ip-addresses.ts';
import { findNamedSecrets } from './find-named-secrets.ts';
import { findPhones } from './find-phones.ts';
import { maskedSign, normaliseText } from './normalise-text.ts';
import { placeholders } from './placeholder.ts';
import type { Finding } from './privacy.ts';
import { settleOverlaps } from './settle-overlaps.ts';

interface Detector {
  readonly kind: PiiKind;
  /** Without these signs there is nothing to find. */
  readonly needs: RegExp;
  readonly find: (text: string) => Finding[];
}

const detectors: readonly Detector[] = [
  { kind: 'email', needs: /@/, find: findEmails },
  { kind: 'phone', needs: /[0-9][^0-9\n]{0,4}[0-9]{2}/, find: findPhones },
  { kind: 'card', needs: /[0-9]{2}[ \t./_-]{0,3}[0-9]{2}/, find: findCards },
  { kind: 'iban', needs: /[a-z]{2}[ -]?[0-9]{2}/i, find: findIbans },
  { kind: 'ip', needs: /[0-9]\.[0-9]|:/, find: findIpAddresses },
  { kind: 'api_key', needs: /[A-Za-z]{2}[-_.]|AKIA|ASIA|AIza|eyJ/, find: findApiKeys },
  { kind: 'api_key', needs: /[0-9]/, find: findNamedSecrets },
];

/** Random numbers that look like anything: nobody's data. */
const uuids = /(?<![0-9a-z])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-z])/gi;

const mostRounds = 4;

/** A finding with its value as the detector read it. */
export interface Detected extends Finding {
  readonly value: string;
}

/**
 * Personal data of the wanted kinds, in order, without overlaps; placeholders and what they stand for are left alone.
 * Time is linear in the text's length.
 */
export function detect(original: string, isWanted: (kind: PiiKind) => boolean): Detected[] {
  const normal = normaliseText(original);
  let text = normal.text.replaceAll(placeholders, masked).replaceAll(uuids, masked);
  const found: Finding[] = [];
  // What is taken away may leave something else standing by itself: as if the result were read again.
  for (let round = 0; round < mostRounds; round += 1) {
    const more = settleOverlaps(findIn(text, isWanted));
    if (more.length === 0) break;
    found.push(...more);
    text = withMasked(text, more);
  }
  if (found.length === 0) return [];
  return settleOverlaps(found).map(({ kind, start, end }) => ({
    kind,
    start: normal.startOf(start),
    end: normal.endOf(end),
    value: normal.text.slice(start, end),
  }));
}

function findIn(text: string, isWanted: (kind: PiiKind) => boolean): Finding[] {
  return detectors
    .filter(({ kind, needs }) => isWanted(kind) && needs.test(text))
    .flatMap(({ find }) => find(text));
}

function withMasked(text: string, findings: readonly Finding[]): string {
  const parts: string[] = [];
  let done = 0;
  for (const { start, end } of findings) {
    parts.push(text.slice(done, start), maskedSign.repeat(end - start));
    done = end;
  }
  return parts.join('') + text.slice(done);
}

function masked(text: string): string {
  return maskedSign.repeat(text.length);
}
