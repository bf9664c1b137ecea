import type { PlaybookProblem } from '../errors.ts';
import { hintOf } from '../nearest-name.ts';
import type { SopFrontMatter } from '../schemas/sop-front-matter.ts';
import type { ProblemAt } from '../yaml-document.ts';
import { checkArguments } from './check-arguments.ts';
import { type CheckContext, checkUse, repeated } from './context.ts';
import { findCycles } from './find-cycles.ts';
import { brokenPlaceholder, rootOf, templatePaths } from './template-paths.ts';

/** The front matter of a SOP: its topics, steps, tools, verifiers and templates. */
export function checkSop(
  sop: SopFrontMatter,
  problemAt: ProblemAt,
  context: CheckContext,
): PlaybookProblem[] {
  const agents = new Set(context.sources.agents.keys());
  const ids = sop.steps.map(({ id }) => id);
  const known = new Set(ids);
  const topics = sop.topics.flatMap((name, index) =>
    checkUse({ kind: 'agent', name, path: ['topics', index] }, agents, problemAt),
  );
  const twice = repeated(ids).map(({ name, index }) =>
    problemAt(['steps', index, 'id'], `a second step "${name}"`, 'Give each step its own id'),
  );
  const steps = sop.steps.flatMap((step, index) => {
    const at = ['steps', index];
    const after = step.after.flatMap((name, place) =>
      checkUse({ kind: 'step', name, path: [...at, 'after', place] }, known, problemAt),
    );
    const verifiers = context.code?.verifiers;
    return [
      ...after,
      ...checkTool(step, at, problemAt, context),
      ...(step.verify === undefined
        ? []
        : checkUse({ kind: 'verifier', name: step.verify, path: [...at, 'verify'] }, verifiers, problemAt)),
      ...checkTemplates(step.with, at, known, problemAt),
    ];
  });
  const cycles = findCycles([...known], (id) => sop.steps.find((step) => step.id === id)?.after ?? []);
  const endless = cycles.map((round) =>
    problemAt(
      ['steps', ids.indexOf(round[0] ?? ''), 'after'],
      `the steps ${round.join(', ')} wait for each other`,
      'Let one of them begin without the others',
    ),
  );
  return [...topics, ...twice, ...steps, ...endless];
}

function checkTool(
  step: SopFrontMatter['steps'][number],
  at: readonly PropertyKey[],
  problemAt: ProblemAt,
  context: CheckContext,
): PlaybookProblem[] {
  const { tool } = step;
  if (tool === undefined) {
    if (Object.keys(step.with).length === 0) return [];
    return [problemAt([...at, 'with'], 'arguments without a tool', 'Name the tool, or remove them')];
  }
  return [
    ...checkUse({ kind: 'tool', name: tool, path: [...at, 'tool'] }, context.tools, problemAt),
    ...checkArguments(tool, step.with, at, problemAt, context, false),
  ];
}

/** `{step.path}` names a step; `{entities.name}`, or one name alone, is what the person named. */
function checkTemplates(
  given: SopFrontMatter['steps'][number]['with'],
  at: readonly PropertyKey[],
  steps: ReadonlySet<string>,
  problemAt: ProblemAt,
): PlaybookProblem[] {
  return Object.entries(given).flatMap(([name, template]) => {
    const path = [...at, 'with', name];
    const broken = brokenPlaceholder(template);
    if (broken !== undefined)
      return [problemAt(path, `"${broken}" has blanks in it`, `Write ${broken.replaceAll(/\s/g, '')}`)];
    const roots = templatePaths(template)
      .filter((placeholder) => placeholder.includes('.'))
      .map(rootOf);
    return [...new Set(roots)]
      .filter((root) => root !== 'entities' && !steps.has(root))
      .map((root) =>
        problemAt(path, `there is no step "${root}"`, hintOf(root, [...steps, 'entities'], 'Use entities')),
      );
  });
}
