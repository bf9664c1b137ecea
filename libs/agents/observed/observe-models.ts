import { costUnits, priceOf } from '#agents/budgets/price-of';
import type { ChatModel, TokenUsage } from '#models/chat-model';
import { ModelError } from '#models/errors';
import type { BudgetPolicy } from '#playbook/policies';
import { inSpan } from '#runtime/in-span';
import type { Observer } from './agent-metrics.ts';

type Models = (name?: string) => ChatModel | undefined;
type OnUsage = ((usage: TokenUsage) => void) | undefined;

/** The same models, with their calls counted, timed and traced, and their tokens priced. */
export function observeModels(
  models: Models,
  observer: Observer,
  about: { readonly usualName: string; readonly prices: BudgetPolicy['prices'] },
): Models {
  return (name) => {
    const model = models(name);
    if (model === undefined) return undefined;
    const watched = watcher(observer, name ?? about.usualName, about.prices);
    return {
      write: (request) => watched('write', request, (counted) => model.write(counted)),
      takesImages: model.takesImages === true,
      fill: (request) => watched('fill', request, (counted) => model.fill(counted)),
      act: (request) => watched('act', request, (counted) => model.act(counted)),
    };
  };
}

function watcher({ metrics, tracing }: Observer, model: string, prices: BudgetPolicy['prices']) {
  return async <Request extends { readonly signal: AbortSignal; readonly onUsage?: OnUsage }, T>(
    call: 'write' | 'fill' | 'act',
    request: Request,
    work: (counted: Request) => Promise<T>,
  ): Promise<T> => {
    const attributes = {
      'gen_ai.request.model': model,
      'gen_ai.operation.name': 'chat',
      'vagent.call': call,
    };
    return inSpan(tracing, 'model', { kind: 'client', attributes }, async (span) => {
      const stopTimer = metrics.modelSeconds.startTimer({ model, call });
      const used = { input: 0, output: 0 };
      const onUsage = (usage: TokenUsage): void => {
        used.input += usage.inputTokens;
        used.output += usage.outputTokens;
        metrics.modelTokens.inc({ model, direction: 'in' }, usage.inputTokens);
        metrics.modelTokens.inc({ model, direction: 'out' }, usage.outputTokens);
        const { cost } = priceOf({ usage: [usage], steps: 0 }, prices);
        metrics.modelCost.inc({ model }, cost / costUnits);
        request.onUsage?.(usage);
      };
      try {
        const result = await work({ ...request, onUsage });
        metrics.modelCalls.inc({ model, call, outcome: 'ok' });
        return result;
      } catch (error) {
        metrics.modelCalls.inc({ model, call, outcome: outcomeOf(error, request.signal) });
        if (error instanceof ModelError) span.set({ 'vagent.model_error': error.kind });
        throw error;
      } finally {
        stopTimer();
        span.set({ 'gen_ai.usage.input_tokens': used.input, 'gen_ai.usage.output_tokens': used.output });
      }
    });
  };
}

function outcomeOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'aborted';
  return error instanceof ModelError ? error.kind : 'failed';
}
