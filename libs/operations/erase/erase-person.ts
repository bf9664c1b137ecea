import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Transport } from '#streams/open-transport';
import { noteErasure } from './note-erasure.ts';
import { createPerson, type Person, type Spellings } from './person.ts';
import { countRelated, noRelatedIds, type RelatedIds } from './related-ids.ts';
import { removeFindings } from './remove-findings.ts';
import { scanKeys } from './scan-keys.ts';
import { settleSessions } from './settle-sessions.ts';
import { type Finding, type Survey, survey } from './survey.ts';

export interface EraseDeps extends Spellings {
  readonly transport: Transport;
  /** `KEY_PREFIX`. */
  readonly prefix: string;
  /** Takes out everything that the memory holds of the person. */
  readonly eraseMemories: () => Promise<unknown>;
}

export interface EraseOptions {
  /** `cli:<name>`, or the user id of an operator; for the audit. */
  readonly by: string;
  /** How long workers, egress and clock may take to let go. */
  readonly waitMs: number;
  /** Told of each step, for people who wait. */
  readonly onStep?: (step: string) => unknown;
}

export interface Erasure {
  /** How many went, by kind. */
  readonly removed: ReadonlyMap<string, number>;
  /** Conversations whose worker did not come to it: nothing of anything was removed where there are some. */
  readonly late: readonly string[];
  /** What every key of the prefix says afterwards. */
  readonly proof: Survey;
}

const retryMs = 500;
const mostSurveys = 4;
/** By these a conversation is more than what was said: a worker may have it in hand. */
const living = ['conversations', 'messages that wait'];

/** What is there of a person. Changes nothing. */
export async function findPerson(deps: EraseDeps, user: string): Promise<Survey> {
  return (await look(deps, createPerson(user, deps))).found;
}

/**
 * Removes everything of a person from Redis, and looks through all of it again. Conversations that go on are reset
 * in their own order first. Safe to repeat, and to run again where it was stopped: what is gone is not looked for.
 */
export async function erasePerson(deps: EraseDeps, user: string, options: EraseOptions): Promise<Erasure> {
  const { transport } = deps;
  const { by, waitMs, onStep = () => undefined } = options;
  const person = createPerson(user, deps);
  const deadline = performance.now() + waitMs;
  const { found, related } = await look(deps, person);
  const sessions = livingSessions(found.findings, person);
  if (sessions.length > 0) onStep(`${sessions.length} conversations are reset, each in its turn`);
  const late = await settleSessions(transport, sessions, { by, deadline });
  if (late.length > 0) return { removed: new Map(), late, proof: found };
  const run = randomUUID();
  const removed = new Map<string, number>();
  if (removable(found).length > 0) await forgetUnderstood(deps);
  let proof = await survey({ ...deps, person, related });
  // What egress and clock still do leaves traces of its own: it is over when a look finds nothing.
  while (removable(proof).length > 0) {
    const { counts, waiting } = await removeFindings({ ...deps, run }, proof.findings);
    for (const [kind, count] of counts) removed.set(kind, (removed.get(kind) ?? 0) + count);
    const isLate = performance.now() > deadline;
    if (waiting.length > 0 && !isLate) {
      onStep(`${waiting.length} are in the hands of egress or clock: waits for them`);
      await sleep(retryMs);
    }
    onStep('Looks through everything again');
    proof = await survey({ ...deps, person, related });
    if (isLate) break;
  }
  const total = [...removed.values()].reduce((sum, count) => sum + count, 0);
  if (total > 0) await noteErasure(transport, user, { by, removed: total, left: unexplained(proof).length });
  return { removed, late, proof };
}

/** What models understood is kept by digests of texts, whoever wrote them: all of it goes, and is asked for again. */
async function forgetUnderstood({ transport, prefix }: EraseDeps): Promise<void> {
  for await (const page of scanKeys(transport.redis, `${prefix}:understood`))
    for (const key of page) await transport.redis.unlink(key);
}

function removable({ findings }: Survey): Finding[] {
  return findings.filter(({ isTheirs, area }) => isTheirs && area.treatment !== 'keep');
}

/** What should not be there any more: theirs, or of a kind that nobody knows. */
export function unexplained({ findings }: Survey): Finding[] {
  return findings.filter(
    ({ isTheirs, area }) =>
      (isTheirs && area.treatment !== 'keep') || (area.treatment === 'keep' && area.why === undefined),
  );
}

/** Until no survey learns of more that hangs together with what the last one found. */
async function look(deps: EraseDeps, person: Person): Promise<{ found: Survey; related: RelatedIds }> {
  const related = noRelatedIds();
  let found = await survey({ ...deps, person, related });
  for (let known = -1, times = 1; known < countRelated(related) && times < mostSurveys; times++) {
    known = countRelated(related);
    found = await survey({ ...deps, person, related });
  }
  return { found, related };
}

function livingSessions(findings: readonly Finding[], person: Person): string[] {
  const sessions = new Set<string>();
  const isAsking = findings.some(({ area, isTheirs }) => isTheirs && area.kind === 'approvals that wait');
  const kinds = isAsking ? [...living, 'approvals'] : living;
  for (const { area, session, key, at } of findings) {
    if (!kinds.includes(area.kind)) continue;
    const named =
      session ?? sessionInKey(key, person) ?? (at !== undefined && person.ownsSession(at) ? at : undefined);
    if (named !== undefined) sessions.add(named);
  }
  return [...sessions];
}

function sessionInKey(key: string, person: Person): string | undefined {
  const name = /:session:(.+)$/s.exec(key)?.[1];
  return person.ownsSession(name) ? name : undefined;
}
