import type { StreamName } from '#contract/bodies';
import { encodeEntry } from '#contract/entry';
import type { Group, Keys } from '#contract/keys';
import type { Signatures } from '#contract/signature';
import { chainStart, linkRecord } from './audit-chain.ts';
import type { Commit, Guard } from './commit.ts';
import { FencedError, GoneError, StaleError, WrongTypeError } from './errors.ts';
import { factTtlMs } from './fact-ttl.ts';
import type { RedisClient } from './redis-client.ts';
import { loadScript, runScript } from './script.ts';

/** The entry that a write belongs to, and the lease under which it is worked on. */
export interface Place {
  readonly partition: number;
  readonly epoch: number;
  readonly stream: StreamName;
  readonly entryId: string;
  /** The fact's id; undefined where the entry could not be read. */
  readonly fact: string | undefined;
}

export type Ending =
  | { readonly mode: 'ack' }
  | { readonly mode: 'save' }
  | { readonly mode: 'dead'; readonly reason: string; readonly attempts: number };

export interface FenceDeps {
  readonly redis: RedisClient;
  readonly keys: Keys;
  readonly group: Group;
  readonly member: string;
  readonly sealBody: (json: string) => string;
  /** Undefined where nothing is signed. */
  readonly signatures?: Signatures | undefined;
}

type Argument = string | number | Buffer;

const script = loadScript(new URL('commit.lua', import.meta.url));

/** How often a commit is written anew because the end of the audit chain moved under it. */
const headRounds = 5;

/** Writes commits through the fence: the one way in which a consumer changes anything in a partition. */
export class Fence {
  readonly #deps: FenceDeps;
  /** One audit line after the other in each partition: each needs the hash of the one before. */
  readonly #auditTurns = new Map<number, Promise<void>>();

  constructor(deps: FenceDeps) {
    this.#deps = deps;
  }

  /** All of the commit or nothing; throws `FencedError`, `GoneError`, `StaleError` or `WrongTypeError` when refused. */
  async write(place: Place, commit: Commit, ending: Ending): Promise<void> {
    if (commit.audit === undefined || commit.audit.length === 0) return this.#write(place, commit, ending);
    const before = this.#auditTurns.get(place.partition) ?? Promise.resolve();
    const turn = before.then(() => this.#writeAudited(place, commit, ending));
    this.#auditTurns.set(
      place.partition,
      turn.catch(() => undefined),
    );
    return turn;
  }

  async #writeAudited(place: Place, commit: Commit, ending: Ending): Promise<void> {
    const headKey = this.#deps.keys.auditHead(place.partition);
    for (let round = 1; ; round++) {
      try {
        return await this.#writeBehindHead(place, commit, ending, headKey);
      } catch (error) {
        // An operator's line came in between (`vagent dead`): the work is good, only its place in the chain moved.
        const hasHeadMoved = error instanceof StaleError && error.key === headKey;
        if (!hasHeadMoved || round === headRounds) throw error;
      }
    }
  }

  async #writeBehindHead(place: Place, commit: Commit, ending: Ending, headKey: string): Promise<void> {
    const head = await this.#deps.redis.hget(headKey, 'hash');
    let previous = head ?? chainStart;
    const lines = (commit.audit ?? []).map((record) => {
      const line = linkRecord(previous, record);
      previous = line.hash;
      return line.fields;
    });
    const guard: Guard = { key: headKey, field: 'hash', value: head };
    const moved = { command: 'HSET', key: headKey, args: ['hash', previous] } as const;
    const audited = {
      ...commit,
      guards: [...(commit.guards ?? []), guard],
      writes: [...(commit.writes ?? []), moved],
    };
    return this.#write(place, audited, ending, lines);
  }

  async #write(place: Place, commit: Commit, ending: Ending, audit: readonly string[][] = []): Promise<void> {
    const { redis, keys, group, member } = this.#deps;
    const { partition, entryId } = place;
    const touched = new KeyList([
      keys.lease(partition, group),
      keys.stream(partition, place.stream),
      keys.accepted(partition),
      keys.fact(partition, place.fact ?? ''),
      keys.stream(partition, 'dead'),
    ]);
    const args: Argument[] = [member, place.epoch, group, entryId, ending.mode];
    args.push(ledgerWord(place, commit, ending), factTtlMs);
    if (ending.mode === 'dead') args.push(ending.reason, group, ending.attempts);
    else args.push('', '', 0);
    args.push(commit.guards?.length ?? 0);
    for (const { key, field, value } of commit.guards ?? []) {
      args.push(touched.numberOf(key), field, value === null ? '0' : '1', value ?? '');
    }
    for (const write of this.#plan(partition, commit, audit)) {
      args.push(write.command, touched.numberOf(write.key), write.args.length, ...write.args);
    }
    const reply = await runScript(redis, script, touched.keys, args);
    refuse(reply, place);
  }

  #plan(partition: number, commit: Commit, audit: readonly string[][]) {
    const { keys, sealBody, signatures } = this.#deps;
    const outputs = (commit.outputs ?? []).map(({ stream, entry }) => {
      const key = keys.stream(partition, stream);
      const fields = encodeEntry(entry, sealBody);
      return { command: 'XADD', key, args: ['*', ...(signatures?.sign(key, fields) ?? fields)] };
    });
    const lines = audit.map((fields) => ({
      command: 'XADD',
      key: keys.stream(partition, 'audit'),
      args: ['*', ...fields],
    }));
    return [...outputs, ...lines, ...(commit.writes ?? [])];
  }
}

/** The ledger covers inbound facts alone: what the other streams carry is caused by those. */
function ledgerWord(place: Place, commit: Commit, ending: Ending): string {
  if (place.stream !== 'inbound' || place.fact === undefined || ending.mode === 'save') return '';
  return ending.mode === 'dead' ? 'dead' : `done:${commit.outcome ?? 'no_reply'}`;
}

function refuse(reply: unknown, place: Place): void {
  // The script's own return value, see its header.
  const [answer, key] = reply as [string, string?];
  switch (answer) {
    case 'OK':
      return;
    case 'FENCED':
      throw new FencedError(place.partition);
    case 'GONE':
      throw new GoneError(place.entryId);
    case 'WRONGTYPE':
      throw new WrongTypeError(key ?? '');
    default:
      throw new StaleError(key ?? '');
  }
}

/** The keys of a script call, each once, with their 1-based numbers. */
class KeyList {
  readonly keys: string[];
  readonly #numbers = new Map<string, number>();

  constructor(keys: readonly string[]) {
    this.keys = [...keys];
    for (const [index, key] of keys.entries()) this.#numbers.set(key, index + 1);
  }

  numberOf(key: string): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.keys.push(key);
    this.#numbers.set(key, this.keys.length);
    return this.keys.length;
  }
}
