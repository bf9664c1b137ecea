import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childTrace, newTrace, parseTrace } from './trace.ts';

const example = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('trace', () => {
  it('makes valid traceparents that differ', () => {
    const traces = Array.from({ length: 1_000 }, newTrace);
    expect(traces.every((trace) => parseTrace(trace)?.isSampled)).toBe(true);
    expect(new Set(traces.map((trace) => parseTrace(trace)?.traceId)).size).toBe(1_000);
    expect(new Set(traces.map((trace) => parseTrace(trace)?.spanId)).size).toBe(1_000);
  });

  it('continues the trace of the parent with a new span and its sampling', () => {
    for (const parent of [example, example.replace(/01$/, '00')]) {
      const child = parseTrace(childTrace(parent));
      expect(child?.traceId).toBe('0af7651916cd43dd8448eb211c80319c');
      expect(child?.spanId).not.toBe('b7ad6b7169203331');
      expect(child?.isSampled).toBe(parent.endsWith('01'));
    }
  });

  it('reads the parts, also of a later version with more in it', () => {
    const context = {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      isSampled: true,
    };
    expect(parseTrace(example)).toEqual(context);
    expect(parseTrace(`${example.replace(/^00/, '01')}-more`)).toEqual(context);
  });

  it.each([
    undefined,
    '',
    `${example}-more`,
    example.replace(/^00/, 'ff'),
    example.toUpperCase(),
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`,
    `${example}\n`,
    `01${example.slice(2)}-${'x'.repeat(1_000)}`,
  ])('does not accept %j and starts a new trace instead', (text) => {
    expect(parseTrace(text)).toBeUndefined();
    expect(parseTrace(childTrace(text))).toBeDefined();
  });

  it('survives any text', () => {
    fc.assert(fc.property(fc.string(), (text) => parseTrace(childTrace(text)) !== undefined));
  });
});
