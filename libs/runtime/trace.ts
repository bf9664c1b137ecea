import { randomFillSync } from 'node:crypto';

export interface TraceContext {
  /** 32 lower case hex digits. */
  readonly traceId: string;
  /** 16 lower case hex digits. */
  readonly spanId: string;
  readonly isSampled: boolean;
}

const idBytes = 24;
const pool = Buffer.allocUnsafeSlow(idBytes * 128);
let used = pool.length;

/** A W3C traceparent (https://www.w3.org/TR/trace-context/) of a new, sampled trace. */
export function newTrace(): string {
  return `00-${randomHex(16)}-${randomHex(8)}-01`;
}

/** A traceparent with a new span in the parent's trace; a new trace if the parent is missing or no traceparent. */
export function childTrace(parent: string | undefined): string {
  const context = parseTrace(parent);
  if (context === undefined) return newTrace();
  return `00-${context.traceId}-${randomHex(8)}-${context.isSampled ? '01' : '00'}`;
}

/** The parts of a traceparent of this or a later version, or undefined for anything else. Never throws. */
export function parseTrace(text: string | undefined): TraceContext | undefined {
  if (typeof text !== 'string' || text.length > 512) return undefined;
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(text);
  if (match === null) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', rest] = match;
  // Version ff is forbidden, version 00 ends here, and ids of zeros only are invalid.
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** Random bytes come from a pool that is filled at once: a system call for each id would cost more than all else. */
function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  const hex = pool.toString('hex', used - bytes, used);
  return /^0+$/.test(hex) ? randomHex(bytes) : hex;
}
