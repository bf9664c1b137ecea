import type { Transport } from '#streams/open-transport';
import { type Area, areaOf } from './areas.ts';
import { openTexts } from './open-texts.ts';
import type { Person } from './person.ts';
import { type Element, readElements } from './read-elements.ts';
import { noteRelated, type RelatedIds } from './related-ids.ts';
import { scanKeys } from './scan-keys.ts';

/** Something in Redis that is theirs, or names them. */
export interface Finding {
  readonly key: string;
  readonly area: Area;
  /** The entry, field or member; undefined for the whole key. */
  readonly at: string | undefined;
  /** Theirs; otherwise they are named in what is somebody else's. */
  readonly isTheirs: boolean;
  /** The conversation that it belongs to, where it says so. */
  readonly session: string | undefined;
}

export interface Survey {
  readonly findings: readonly Finding[];
  readonly keys: number;
  /** Sealed parts that PAYLOAD_KEY does not open: nobody can say what is in them. */
  readonly closed: number;
}

export interface SurveyDeps {
  readonly transport: Pick<Transport, 'redis' | 'openBody' | 'signatures'>;
  /** `KEY_PREFIX`. */
  readonly prefix: string;
  readonly person: Person;
  /** Grows with what is found. */
  readonly related: RelatedIds;
}

/** Enough to keep Redis busy for a moment, and little enough to leave it to others in between. */
const atOnce = 16;

/**
 * Looks through every key of the prefix, whatever its type, with sealed parts opened. Changes nothing. What hangs
 * together by ids only is found by the next survey, which knows them.
 */
export async function survey(deps: SurveyDeps): Promise<Survey> {
  const { transport, prefix } = deps;
  const findings: Finding[] = [];
  let [keys, closed] = [0, 0];
  for await (const page of scanKeys(transport.redis, prefix)) {
    const names = [...new Set(page)];
    keys += names.length;
    for (let from = 0; from < names.length; from += atOnce) {
      const some = names.slice(from, from + atOnce).map((key) => lookAt(deps, key));
      for (const found of await Promise.all(some)) {
        // One by one: a key may hold more than a call takes arguments.
        for (const finding of found.findings) findings.push(finding);
        closed += found.closed;
      }
    }
  }
  return { findings, keys, closed };
}

async function lookAt(
  deps: SurveyDeps,
  key: string,
): Promise<{ findings: readonly Finding[]; closed: number }> {
  const { transport, prefix, person, related } = deps;
  const name = key.slice(prefix.length + 1);
  const area = areaOf(name);
  const isKeyTheirs = person.ownsKey(name) || isRelatedKey(name, related);
  const opener = { open: transport.openBody, hasKey: transport.signatures !== undefined };
  const findings: Finding[] = [];
  let closed = 0;
  for await (const page of readElements(transport.redis, key)) {
    for (const element of page) {
      const opened = openTexts(element.texts, opener);
      if (area.isClosed !== true) closed += opened.closed;
      const values = opened.texts.map(toJson);
      const session = sessionIn(person, element, values);
      const isTheirs = isKeyTheirs || isTheirsIn(deps, area, element, values, session);
      if (isTheirs) for (const value of values) noteRelated(related, value);
      if (!isTheirs && !opened.texts.some((text) => person.isNamedIn(text))) continue;
      findings.push({ key, area, at: atOf(area, element), isTheirs, session });
    }
  }
  if (findings.length === 0 && (isKeyTheirs || person.isNamedIn(name)))
    findings.push({ key, area, at: undefined, isTheirs: isKeyTheirs, session: undefined });
  return { findings: isKeyTheirs && area.treatment === 'key' ? onlyOne(findings) : findings, closed };
}

/** A key that goes as a whole is one thing, however many fields it has. */
function onlyOne(findings: readonly Finding[]): Finding[] {
  const [first] = findings;
  const session = findings.find((one) => one.session !== undefined)?.session;
  return first === undefined ? [] : [{ ...first, session }];
}

function atOf({ treatment }: Area, { at }: Element): string | undefined {
  return treatment === 'key' ? undefined : at;
}

function isTheirsIn(
  { person, related }: SurveyDeps,
  { isTheirsByName }: Area,
  { texts }: Element,
  values: readonly unknown[],
  session: string | undefined,
): boolean {
  if (session !== undefined) return true;
  if (isTheirsByName === true && texts.length > 0 && values.some((value) => namesIn(value, person)))
    return true;
  if (texts.some((text) => related.approvals.has(text))) return true;
  return values.some(
    (value) => memberOf(value, 'sender') === person.user || memberOf(value, 'requester') === person.user,
  );
}

function namesIn(value: unknown, person: Person): boolean {
  return person.isNamedIn(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Their conversation, where the element is part of one: by a field, by its value, or by what its JSON says. */
function sessionIn(person: Person, { texts }: Element, values: readonly unknown[]): string | undefined {
  const candidates: unknown[] = [...texts, ...values.map((value) => memberOf(value, 'session'))];
  const found = candidates.find((candidate) => person.ownsSession(candidate));
  return typeof found === 'string' ? found : undefined;
}

/** A key that is named by the id of something of theirs. */
function isRelatedKey(name: string, { approvals, replies, files, events }: RelatedIds): boolean {
  const [, kind, id = ''] = /^\{\d+\}:(approval|prompt|reply|media|mark):(.+)$/s.exec(name) ?? [];
  if (kind === 'approval' || kind === 'prompt') return approvals.has(id);
  if (kind === 'reply') return replies.has(id);
  if (kind === 'media') return files.has(id);
  if (kind === 'mark') return events.has(id);
  const [, thread = ''] = /^\{\d+\}:thread:approval(?::|%3A)([0-9A-Z]{20}):/.exec(name) ?? [];
  return approvals.has(thread);
}

/** Parsed where it is JSON, as it is otherwise. */
function toJson(text: string): unknown {
  if (!/^\s*[[{"]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}
