import { childTrace } from './trace.ts';

/** Few distinct values each; never a user, a room or what somebody wrote. Sessions and turns by their digest only. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work that is timed, and the parent of the work that it causes. */
export interface Span {
  /** W3C traceparent: goes into the `trace` of entries and into headers, so that what follows joins the trace. */
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
}

export type SpanKind = 'internal' | 'consumer' | 'producer' | 'client' | 'server';

export interface Tracing extends AsyncDisposable {
  /** False: nothing is recorded, and a span is no more than a traceparent. */
  readonly isOn: boolean;
  /** Runs `work` as a span under `parent`; a throw marks it as failed, and is thrown on. */
  span<T>(
    name: string,
    about: {
      readonly parent?: string | undefined;
      readonly kind?: SpanKind;
      readonly attributes?: SpanAttributes;
    },
    work: (span: Span) => Promise<T>,
  ): Promise<T>;
  /** Records what was timed elsewhere: `startMs` and `endMs` by the epoch. */
  record(
    name: string,
    about: {
      readonly parent: string;
      readonly kind?: SpanKind;
      readonly attributes?: SpanAttributes;
      readonly failed?: boolean;
      readonly startMs: number;
      readonly endMs: number;
    },
  ): void;
}

/** Where no traces are wanted: entries are joined all the same, so that a later collector sees whole stories. */
export const noTracing: Tracing = {
  isOn: false,
  span: async (_name, { parent }, work) => work({ traceparent: childTrace(parent), set: () => undefined }),
  record: () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
};
