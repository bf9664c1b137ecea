import { isDeepStrictEqual } from 'node:util';
import { knowTools } from '#agents/sops/know-tools';
import type { KnownTool, ToolSource } from '#agents/sops/tool-source';
import type { AgentRun, ToolOutcome } from '#agents/specialists/agent';
import type { Action } from '#contract/approval';
import { digestOf, type Json } from '#contract/canonical-json';
import type { Analysis } from '#dialogue/understanding/understanding';
import type { Playbook } from '#playbook/playbook';
import { describeFindings } from './describe-findings.ts';
import { isSecurityCase } from './is-security-case.ts';
import { type PlannedCall, planCalls } from './plan-calls.ts';
import type { SecurityFinding, SecurityReport } from './security-report.ts';

export interface ProtocolInput extends Pick<AgentRun, 'callTool' | 'signal'> {
  readonly analysis: Analysis;
  /** What the person named, by the validator that read it. */
  readonly entities: Readonly<Record<string, readonly Json[]>>;
  /** Matrix user id. */
  readonly sender: string;
  readonly playbook: Pick<Playbook, 'policies' | 'toolPolicies'>;
  readonly tools: ToolSource;
  /** Of one call, default 20 s: the tool's own limit is shorter. */
  readonly timeoutMs?: number;
}

/** Tools of low risk whose name begins so change something all the same: containment. */
const containment = /^(?:revoke|lock|block|suspend|disable|sign_out|freeze)_/;

/**
 * What is done first where something is at risk: all tools of the category at once, each for itself, so that one that
 * fails or hangs is a finding and no end. Only what is of low risk runs; where the category is not certain, only what reads.
 * Nothing happens for a message that is no security case: the report is empty then.
 *
 * @throws only the reason of `signal`.
 */
export async function runSecurityProtocol(input: ProtocolInput): Promise<SecurityReport> {
  const { analysis, entities, sender, playbook, tools: source } = input;
  const { security } = playbook.policies;
  const { riskCategory, confidence } = analysis.sensitivity;
  const isCautious = confidence < security.threshold;
  if (!isSecurityCase(analysis)) return { findings: [], actions: [], isCautious: false, markdown: '' };
  const listed = Object.hasOwn(security.tools, riskCategory) ? (security.tools[riskCategory] ?? []) : [];
  const known = knowTools(listed, source, playbook.toolPolicies);
  const results = await Promise.all(
    listed.flatMap((name) => {
      const tool = known.get(name);
      if (tool === undefined) return [Promise.resolve(skip(name, {}, 'there is no such tool now'))];
      return planCalls(tool, entities, sender).map((call) => runCall(call, tool, isCautious, input));
    }),
  );
  const findings = results.map(({ finding }) => finding);
  const actions = results.flatMap(({ action }) => (action === undefined ? [] : [action]));
  const distinct = actions.filter(
    (one, index) => actions.findIndex((other) => isDeepStrictEqual(one, other)) === index,
  );
  return {
    findings,
    actions: distinct,
    isCautious,
    markdown: describeFindings(analysis, findings, isCautious),
  };
}

interface CallResult {
  readonly finding: SecurityFinding;
  readonly action?: Action;
}

async function runCall(
  { tool: name, args, missing }: PlannedCall,
  tool: KnownTool,
  isCautious: boolean,
  { callTool, signal, timeoutMs = 20_000 }: ProtocolInput,
): Promise<CallResult> {
  if (missing.length > 0) return skip(name, args, `the message does not name: ${missing.join(', ')}`);
  if (isCautious && (tool.risk !== 'low' || containment.test(name))) {
    return skip(name, args, 'it would change something, and what is at risk is not certain');
  }
  signal.throwIfAborted();
  const key = `security:${name}:${digestOf(args).slice(0, 12)}`;
  try {
    const outcome = await within(callTool(name, args, key), timeoutMs, signal);
    return outcome === undefined ? failure(name, args, 'it took too long') : found(name, args, outcome);
  } catch (error) {
    signal.throwIfAborted();
    return failure(name, args, error instanceof Error ? error.name : 'it broke off');
  }
}

function found(tool: string, args: PlannedCall['args'], outcome: ToolOutcome): CallResult {
  if (outcome.status !== 'proposed') {
    return { finding: { tool, args, status: outcome.status, text: outcome.text } };
  }
  return {
    finding: { tool, args, status: 'proposed', text: 'waits for a reviewer' },
    action: outcome.action,
  };
}

function skip(tool: string, args: PlannedCall['args'], text: string): CallResult {
  return { finding: { tool, args, status: 'skipped', text } };
}

function failure(tool: string, args: PlannedCall['args'], text: string): CallResult {
  return { finding: { tool, args, status: 'failed', text } };
}

/** Undefined when the time is over. */
async function within<T>(work: Promise<T>, timeoutMs: number, signal: AbortSignal): Promise<T | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), timeoutMs);
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
