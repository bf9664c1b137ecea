import type { Span, Tracing } from './tracing.ts';

/** Does the work as a span under the one that it runs within; where nobody traces, just does it. */
export function inSpan<T>(
  tracing: Tracing,
  name: string,
  about: Omit<Parameters<Tracing['span']>[1], 'parent'>,
  work: (span: Pick<Span, 'set'>) => Promise<T>,
): Promise<T> {
  return tracing.isOn ? tracing.span(name, about, work) : work(silent);
}

const silent: Pick<Span, 'set'> = { set: () => undefined };
