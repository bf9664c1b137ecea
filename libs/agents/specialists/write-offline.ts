import { extractPassage } from '#models/extract-passage';
import type { Passage, Playbook } from '#playbook/playbook';
import { applyCorrection } from './apply-correction.ts';
import type { CaseFile, WriteDraft, Written } from './case-file.ts';
import { addressed, guidanceOf } from './guidance-of.ts';

export interface OfflineDeps {
  readonly playbook: Pick<Playbook, 'flows' | 'human'>;
}

const longestQuote = 1_200;

/**
 * Works a case by rules alone: takes every step whose arguments are known, and writes from what was found, what the SOP
 * has to tell, and the passage that fits best. Never claims what no tool did.
 */
export function createOfflineWriter(deps: OfflineDeps): WriteDraft {
  return async (file) => {
    await file.procedure.advance({ risky: true });
    const written = compose(file, deps);
    if (written.kind === 'draft') file.run.onDraft(written.text);
    return written;
  };
}

function compose(file: CaseFile, deps: OfflineDeps): Written {
  const { rejected } = file.task;
  if (rejected !== null) return { kind: 'draft', text: applyCorrection(rejected.draft, rejected.reason) };
  const parts = file.kind === 'question' ? answer(file, deps) : workedCase(file, deps);
  if (parts.length > 0) return { kind: 'draft', text: [...opening(file), ...parts].join('\n\n') };
  return { kind: 'stuck', why: 'Neither a procedure nor the knowledge has anything about it.' };
}

/** A kind word where somebody is in trouble, and none where they only ask. */
function opening({ task, kind }: CaseFile): string[] {
  const { tone, urgency } = task.analysis;
  if (tone === 'angry' || tone === 'frustrated') return ['I am sorry about the trouble this makes.'];
  return kind === 'problem' && urgency === 'critical' ? ['I see how urgent this is.'] : [];
}

function answer({ passages: [best], near, focus }: CaseFile, { playbook }: OfflineDeps): string[] {
  if (best !== undefined) return quote(best, focus);
  const nearest = near.length === 0 ? [] : [`What comes nearest:\n\n${list(near.slice(0, 3))}`];
  return ['I found no answer to that in what I know.', ...nearest, playbook.human.trim()];
}

function workedCase(file: CaseFile, deps: OfflineDeps): string[] {
  const { sop, task, procedure, passages, focus } = file;
  const { findings, obstacles, missing, actions } = procedure.report();
  const parts: string[] = [];
  // What takes several lines, such as a log, is for reviewers: they have it in the summary.
  const short = findings.filter((text) => !text.trim().includes('\n'));
  if (short.length > 0) parts.push(`This is what I found:\n\n${list(short)}`);
  parts.push(...obstacles);
  const written = task.procedure === null ? undefined : addressed(task.procedure);
  const guidance = written ?? (sop === undefined ? '' : guidanceOf(sop.text));
  if (guidance !== '') parts.push(guidance);
  else if (actions.length > 0) parts.push(sayProposed(file));
  if (missing.length > 0) parts.push(sayMissing(missing, deps));
  const [best] = passages;
  if (best !== undefined)
    parts.push(...(guidance === '' ? quote(best, focus) : [`More about it: ${best.source}`]));
  return parts;
}

function sayProposed({ sop, procedure }: CaseFile): string {
  const proposed = new Set(
    procedure.report().steps.flatMap(({ id, status }) => (status === 'proposed' ? [id] : [])),
  );
  const does = sop?.steps.filter(({ id }) => proposed.has(id)).map((step) => step.does) ?? [];
  return `A colleague has to agree before this is done: ${does.join(' ')}`;
}

function quote({ text, source }: Passage, focus: string): string[] {
  return [extractPassage(text, focus, longestQuote), `Source: ${source}`];
}

/** The questions that flows ask for the same things. */
function sayMissing(missing: readonly string[], { playbook }: OfflineDeps): string {
  const slots = [...playbook.flows.values()].flatMap(({ slots: ofFlow }) => [...ofFlow.values()]);
  const questions = missing.map((name) => {
    const short = name.replace(/^entities\./, '');
    const ask = slots.find((slot) => slot.name === short && !slot.ask.includes('{'))?.ask;
    return ask ?? `Please tell me the ${short.replaceAll('_', ' ')}.`;
  });
  return `To go on I need something from you:\n\n${list([...new Set(questions)])}`;
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item.trim().replaceAll('\n', '\n  ')}`).join('\n');
}
