import type { PlaybookProblem } from '../errors.ts';
import type { FlowSpec } from '../flow-spec.ts';
import { hintOf } from '../nearest-name.ts';
import type { FlowFile } from '../schemas/flow-file.ts';
import type { ProblemAt } from '../yaml-document.ts';
import { type FlowText, flowTexts } from './flow-texts.ts';
import { brokenPlaceholder, rootOf, templatePaths } from './template-paths.ts';

const pathPattern = /^[A-Za-z_][\w-]*(?:\.[\w-]+)*$/;

/** Templates and conditions that name what there is not, and slots that nothing names. */
export function checkFlowTexts(file: FlowFile, flow: FlowSpec, problemAt: ProblemAt): PlaybookProblem[] {
  const texts = flowTexts(file, flow);
  const slots = new Set(flow.slots.keys());
  const all = new Set([...slots, ...resultNames(flow)]);
  const known = { slots, all, result: new Set(['result']) };
  const problems = texts.flatMap((text) => checkText(text, known[text.scope], problemAt));
  const used = new Set(
    texts
      .filter(({ scope }) => scope !== 'slots')
      .flatMap(pathsOf)
      .map(rootOf),
  );
  const unused = [...slots].filter((slot) => !used.has(slot) && !isFilled(flow, slot));
  return [
    ...problems,
    ...unused.map((slot) =>
      problemAt(
        ['slots', slot],
        `the slot "${slot}" is neither collected nor used`,
        'Collect it in a step, or remove it',
      ),
    ),
  ];
}

function checkText(text: FlowText, known: ReadonlySet<string>, problemAt: ProblemAt): PlaybookProblem[] {
  const { path, template, at, scope } = text;
  if (path !== undefined && !pathPattern.test(path))
    return [problemAt(at, `"${path}" is no path`, 'Write a name such as amount or invoice.state')];
  const broken = template === undefined ? undefined : brokenPlaceholder(template);
  if (broken !== undefined)
    return [problemAt(at, `"${broken}" has blanks in it`, `Write ${broken.replaceAll(/\s/g, '')}`)];
  const unknown = [...new Set(pathsOf(text).map(rootOf))].filter((root) => !known.has(root));
  return unknown.map((root) => {
    const what = scope === 'slots' ? 'slot' : 'slot or result';
    const message =
      scope === 'result' ? `"${root}" is not known in a check` : `there is no ${what} "${root}"`;
    const none = 'Name it under slots, or save the result of a step under it';
    return problemAt(at, message, hintOf(root, known, none));
  });
}

function pathsOf({ path, template }: FlowText): string[] {
  return path === undefined ? templatePaths(template ?? null) : [path];
}

/** What steps save or set, beside slots; `failure` is why the last tool failed, or was rejected. */
function resultNames({ steps }: FlowSpec): string[] {
  return steps.flatMap((step) => {
    if (step.kind === 'action' || step.kind === 'approval') {
      return step.save === undefined ? ['failure'] : [step.save, 'failure'];
    }
    return step.kind === 'set' ? Object.keys(step.values) : [];
  });
}

function isFilled({ steps }: FlowSpec, slot: string): boolean {
  return steps.some(
    (step) =>
      (step.kind === 'collect' && step.slots.includes(slot)) ||
      (step.kind === 'set' && Object.hasOwn(step.values, slot)),
  );
}
