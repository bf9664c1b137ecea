import { commandKinds } from '#dialogue/command';
import type { TokenUsage } from '#models/chat-model';
import type { LabelledMessage } from '#playbook/schemas/labelled-file';
import { contextOfItem } from './context-of-item.ts';
import { type Got, type MatchDeps, matchItem } from './match-item.ts';
import type { Understand } from './understanding.ts';

/** How well one kind of command is told: shares from 0 to 1. */
export interface KindScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** How often it was expected. */
  readonly support: number;
  /** What was understood where it was expected: how often each kind, or `error`. */
  readonly confusion: Readonly<Record<string, number>>;
}

export interface Failure {
  readonly text: string;
  readonly expect: LabelledMessage['expect'];
  readonly got: Got;
}

export interface Evaluation {
  readonly total: number;
  readonly correct: number;
  /** From 0 to 1. */
  readonly accuracy: number;
  readonly byCommand: Readonly<Record<string, KindScore>>;
  readonly failures: readonly Failure[];
}

export interface EvaluateOptions extends MatchDeps {
  readonly signal?: AbortSignal;
  /** How many messages are understood at a time. */
  readonly atOnce?: number;
  readonly onUsage?: (usage: TokenUsage) => void;
}

/**
 * Has each message understood, one after the other, and compares: an item is right when every field that it expects is.
 * A message that cannot be understood, because a model failed, counts as wrong and the rest goes on.
 */
export async function evaluate(
  understand: Understand,
  items: readonly LabelledMessage[],
  options: EvaluateOptions,
): Promise<Evaluation> {
  const judged: Judged[] = new Array(items.length);
  const waiting = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      options.signal?.throwIfAborted();
      judged[index] = await judge(understand, item, options);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, options.atOnce ?? 1) }, work));
  const failures = judged.flatMap(({ item, isRight, got }) =>
    isRight ? [] : [{ text: item.text, expect: item.expect, got }],
  );
  const pairs = judged.map(({ item, got }) => ({
    wanted: item.expect.command,
    found: got.command ?? 'error',
  }));
  const correct = items.length - failures.length;
  const accuracy = items.length === 0 ? 0 : correct / items.length;
  return { total: items.length, correct, accuracy, byCommand: scoresOf(pairs), failures };
}

interface Judged {
  readonly item: LabelledMessage;
  readonly isRight: boolean;
  readonly got: Got;
}

async function judge(
  understand: Understand,
  item: LabelledMessage,
  options: EvaluateOptions,
): Promise<Judged> {
  const context = contextOfItem(item, options.flows);
  const signal = options.signal ?? new AbortController().signal;
  const onUsage = options.onUsage ?? (() => undefined);
  try {
    const understanding = await understand({ text: item.text, context, history: [], signal, onUsage });
    return { item, ...matchItem(item.expect, understanding, context, options) };
  } catch (error) {
    signal.throwIfAborted();
    return { item, isRight: false, got: { error: error instanceof Error ? error.message : String(error) } };
  }
}

function scoresOf(pairs: readonly { wanted: string; found: string }[]): Record<string, KindScore> {
  const count = (test: (pair: { wanted: string; found: string }) => boolean): number =>
    pairs.filter(test).length;
  const scores: Record<string, KindScore> = {};
  for (const kind of commandKinds) {
    const support = count(({ wanted }) => wanted === kind);
    const found = count((pair) => pair.found === kind);
    if (support === 0 && found === 0) continue;
    const both = count((pair) => pair.wanted === kind && pair.found === kind);
    const precision = found === 0 ? 0 : both / found;
    const recall = support === 0 ? 0 : both / support;
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    const confusion: Record<string, number> = {};
    for (const pair of pairs)
      if (pair.wanted === kind) confusion[pair.found] = (confusion[pair.found] ?? 0) + 1;
    scores[kind] = { precision, recall, f1, support, confusion };
  }
  return scores;
}
