import type { Command } from '#dialogue/command';
import type { Analysis } from '#dialogue/understanding/understanding';
import type { DialogueTurn, Expectations, UnderstoodCommand } from '#playbook/schemas/dialogue-file';
import type { Heard } from './heard.ts';

export interface Mismatch {
  /** The expectation's name; undefined for how the message was understood. */
  readonly about: keyof Expectations | undefined;
  readonly expected: string;
  readonly instead: string;
}

/** What of a turn's expectations was not met. */
export function compareTurn(turn: DialogueTurn, heard: Heard): readonly Mismatch[] {
  return [...compareUnderstanding(turn, heard), ...compareTexts(turn, heard), ...compareState(turn, heard)];
}

function compareTexts({ expect }: DialogueTurn, heard: Heard): Mismatch[] {
  const spoken = heard.texts.join('\n\n');
  const said = quote(spoken);
  const mismatches: Mismatch[] = [];
  for (const pattern of expect.says ?? []) {
    if (!matches(spoken, pattern))
      mismatches.push({ about: 'says', expected: `it says ${quote(pattern)}`, instead: said });
  }
  for (const pattern of expect.never ?? []) {
    if (matches(spoken, pattern))
      mismatches.push({ about: 'never', expected: `it never says ${quote(pattern)}`, instead: said });
  }
  if (expect.silent !== undefined && expect.silent !== (spoken === '')) {
    mismatches.push({
      about: 'silent',
      expected: expect.silent ? 'it says nothing' : 'it says something',
      instead: said,
    });
  }
  for (const pattern of expect.notices ?? []) {
    if (!heard.notices.some((notice) => matches(notice, pattern))) {
      const instead = heard.notices.length === 0 ? 'no notice' : heard.notices.map(quote).join('; ');
      mismatches.push({ about: 'notices', expected: `the admin room reads ${quote(pattern)}`, instead });
    }
  }
  return mismatches;
}

function compareState({ expect }: DialogueTurn, heard: Heard): Mismatch[] {
  const { stack = [] } = heard.situation?.dialogue ?? {};
  const flows = stack.map(({ flow }) => flow);
  const mismatches: Mismatch[] = [];
  const same = (
    about: 'waits' | 'stack' | 'paused',
    expected: readonly string[] | undefined,
    actual: readonly string[],
  ) => {
    if (expected === undefined || expected.join() === actual.join()) return;
    mismatches.push({ about, expected: `${about}: ${list(expected)}`, instead: list(actual) });
  };
  same('waits', expect.waits?.toSorted(), heard.waits.toSorted());
  same('stack', expect.stack, flows);
  same('paused', expect.paused, flows.slice(0, -1));
  const missing = (expect.ran ?? []).filter((tool) => !heard.ran.includes(tool));
  if (missing.length > 0) {
    mismatches.push({ about: 'ran', expected: `${list(missing)} ran`, instead: `${list(heard.ran)} ran` });
  }
  const unwanted = (expect.neverRan ?? []).filter((tool) => heard.ran.includes(tool));
  if (unwanted.length > 0) {
    mismatches.push({ about: 'neverRan', expected: `${list(unwanted)} never ran`, instead: 'it ran' });
  }
  if (expect.awaiting !== undefined) {
    const frame = stack.at(-1);
    const awaiting = frame?.awaiting ?? null;
    const slot = awaiting === null || awaiting.kind === 'approval' ? null : awaiting.slot;
    const actual = frame === undefined || slot === null ? 'nothing' : `${frame.flow}.${slot}`;
    const wanted = expect.awaiting === null ? 'nothing' : `${expect.awaiting.flow}.${expect.awaiting.slot}`;
    if (actual !== wanted) {
      mismatches.push({
        about: 'awaiting',
        expected: `${wanted} is asked for`,
        instead: `${actual}; it said ${quote(heard.texts.join('\n\n'))}`,
      });
    }
  }
  return mismatches;
}

function compareUnderstanding({ understood, analysis }: DialogueTurn, heard: Heard): Mismatch[] {
  if (heard.understood === undefined) {
    if (understood === undefined) return [];
    return [{ about: undefined, expected: 'the message is understood', instead: 'nobody tried to' }];
  }
  const mismatches: Mismatch[] = [];
  const { commands, analysis: found } = heard.understood;
  const wanted = understood?.map(nameWanted).join(', ');
  const actual = commands.map(nameOf).join(', ');
  if (wanted !== undefined && wanted !== actual) {
    mismatches.push({ about: undefined, expected: `understood as ${wanted}`, instead: actual });
  }
  const { topics, risk } = analysis ?? {};
  // Another agent that has a word to say as well does no harm.
  const missing = (topics ?? []).filter((topic) => !found.topics.includes(topic));
  if (missing.length > 0) {
    mismatches.push({
      about: undefined,
      expected: `topics ${list(topics ?? [])}`,
      instead: list(found.topics),
    });
  }
  if (risk !== undefined && risk !== riskOf(found)) {
    mismatches.push({ about: undefined, expected: `risk ${risk}`, instead: riskOf(found) });
  }
  return mismatches;
}

/** Kind, and what tells two of a kind apart: words of models differ in the rest. */
function nameWanted({ command, flow, slot, digression }: UnderstoodCommand): string {
  return [command, flow ?? slot ?? digression].filter(Boolean).join(' ');
}

function nameOf(command: Command): string {
  const about = 'flow' in command ? command.flow : 'slot' in command ? command.slot : undefined;
  return [command.kind, about ?? ('digression' in command ? command.digression : undefined)]
    .filter(Boolean)
    .join(' ');
}

function riskOf({ sensitivity }: Analysis): string {
  return sensitivity.riskCategory;
}

function matches(text: string, pattern: string): boolean {
  // Whatever else follows a slash is no flags: "/account/settings" is a text.
  const expression = /^\/(.+)\/([dgimsuvy]*)$/s.exec(pattern);
  if (expression === null) return normal(text).includes(normal(pattern));
  const [, source = '', flags = ''] = expression;
  return new RegExp(source, flags.includes('i') ? flags : `${flags}i`).test(text);
}

function normal(text: string): string {
  return text.toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ');
}

function quote(text: string): string {
  return text === '' ? 'nothing' : JSON.stringify(text);
}
