import type { FlagdCore } from '@openfeature/flagd-core';
import type { EvaluationContext, JsonValue, Provider, ResolutionDetails } from '@openfeature/server-sdk';

/** OpenFeature's provider over flagd's evaluator, in this process: no server, no connection. */
export class FlagdProvider implements Provider {
  readonly metadata = { name: 'flagd in process' };
  readonly runsOn = 'server';
  readonly #core: FlagdCore;

  constructor(core: FlagdCore) {
    this.#core = core;
  }

  async resolveBooleanEvaluation(
    flag: string,
    fallback: boolean,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<boolean>> {
    return this.#core.resolveBooleanEvaluation(flag, fallback, context);
  }

  async resolveStringEvaluation(
    flag: string,
    fallback: string,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<string>> {
    return this.#core.resolveStringEvaluation(flag, fallback, context);
  }

  async resolveNumberEvaluation(
    flag: string,
    fallback: number,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<number>> {
    return this.#core.resolveNumberEvaluation(flag, fallback, context);
  }

  async resolveObjectEvaluation<T extends JsonValue>(
    flag: string,
    fallback: T,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<T>> {
    return this.#core.resolveObjectEvaluation(flag, fallback, context);
  }
}
