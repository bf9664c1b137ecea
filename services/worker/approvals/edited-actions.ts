import type { ToolRegistry } from '#agents/tools/tool-registry';
import type { Action } from '#contract/approval';
import type { EntryOf } from '#contract/entry';

export type EditedActions =
  | { readonly ok: true; readonly actions: readonly Action[] }
  | { readonly ok: false; readonly problem: string };

/**
 * The actions with a reviewer's arguments in place of their own, checked by each tool's schema. One object edits
 * the only action; with several actions a list gives one object for each. JSON types are kept as they came.
 */
export function editedActions(
  actions: readonly Action[],
  edit: EntryOf<'approval.decided'>['body']['edit'],
  tools: ToolRegistry,
): EditedActions {
  const names = Object.keys(actions[0]?.args ?? {});
  if (typeof edit === 'string' && actions.length === 1 && names.length === 1 && names[0] === 'text') {
    // A draft is edited by writing it, not by writing JSON.
    return editedActions(actions, { text: edit }, tools);
  }
  if (edit === null || typeof edit === 'string') {
    return {
      ok: false,
      problem: `an edit needs the arguments as JSON, with ${names.join(', ') || 'no names'}`,
    };
  }
  const sets = Array.isArray(edit) ? edit : [edit];
  if (sets.length !== actions.length) {
    return { ok: false, problem: `there are ${actions.length} actions, the edit has ${sets.length}` };
  }
  const edited: Action[] = [];
  for (const [index, { name }] of actions.entries()) {
    const checked = tools.check(name, sets[index]);
    if (!checked.ok && checked.reason === 'unknown_tool')
      return { ok: false, problem: `there is no tool ${name}` };
    if (!checked.ok) {
      const problems = checked.reason === 'bad_arguments' ? checked.problems : [];
      return {
        ok: false,
        problem: problems.map(({ argument, message }) => `${argument}: ${message}`).join('; '),
      };
    }
    edited.push(checked.action);
  }
  return { ok: true, actions: edited };
}
