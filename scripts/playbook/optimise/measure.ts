import { setImmediate } from 'node:timers/promises';
import type { Validator } from '#dialogue/flows/validator';
import { type Got, matchItem } from '#dialogue/understanding/match-item';
import type { Understand } from '#dialogue/understanding/understanding';
import type { TokenUsage } from '#models/chat-model';
import { ModelError } from '#models/errors';
import type { Playbook } from '#playbook/playbook';
import type { LabelledCase } from './labelled-case.ts';

export interface MeasureOptions {
  readonly playbook: Pick<Playbook, 'flows'>;
  readonly validators: ReadonlyMap<string, Validator>;
  readonly signal: AbortSignal;
  /** How many messages are understood at a time. */
  readonly atOnce: number;
  readonly onUsage?: (usage: TokenUsage) => void;
  /** Ends as soon as so many are wrong. */
  readonly mostWrong?: number;
}

export interface Measured {
  /** Of the cases in their order; shorter where it ended before. */
  readonly rights: readonly boolean[];
  readonly got: readonly Got[];
  /** Whether every case was understood, or it was ended as of no use. */
  readonly isWhole: boolean;
}

/**
 * Has cases understood, a few at a time. What a model fills in wrongly or not at all counts as wrong.
 *
 * @throws {ModelError} where a model is away, or will not: then nothing can be said about the playbook.
 */
export async function measure(
  understand: Understand,
  cases: readonly LabelledCase[],
  options: MeasureOptions,
): Promise<Measured> {
  const { signal, atOnce, mostWrong = Number.POSITIVE_INFINITY } = options;
  const judged: Judged[] = [];
  const wrong = (): number => judged.filter(({ isRight }) => !isRight).length;
  for (let at = 0; at < cases.length && wrong() < mostWrong; at += atOnce) {
    // Learnt or offline, nothing else would let a signal through.
    if (at % (atOnce * 50) === 0) await setImmediate();
    signal.throwIfAborted();
    const batch = cases.slice(at, at + atOnce);
    judged.push(...(await Promise.all(batch.map((one) => judge(understand, one, options)))));
  }
  return {
    rights: judged.map(({ isRight }) => isRight),
    got: judged.map(({ got }) => got),
    isWhole: judged.length === cases.length && wrong() < mostWrong,
  };
}

interface Judged {
  readonly isRight: boolean;
  readonly got: Got;
}

async function judge(
  understand: Understand,
  { text, context, history, expect }: LabelledCase,
  { playbook: { flows }, validators, signal, onUsage = () => undefined }: MeasureOptions,
): Promise<Judged> {
  try {
    const understanding = await understand({ text, context, history, signal, onUsage });
    return matchItem(expect, understanding, context, { flows, validators });
  } catch (error) {
    if (!(error instanceof ModelError) || error.kind !== 'garbage') throw error;
    return { isRight: false, got: { error: error.message } };
  }
}
