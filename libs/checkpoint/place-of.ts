import type { Save } from './save-buffer.ts';

/** The checkpoint that a save is about, as one string; empty for a deletion. */
export function placeOf(save: Save): string {
  if (save.kind === 'deletion') return '';
  const { ns, id } = save.kind === 'checkpoint' ? save.plan.entry : save;
  return JSON.stringify([save.threadId, ns, id]);
}

/** Whether the save makes a checkpoint that was not there before. */
export function isNew(save: Save): boolean {
  return save.kind === 'checkpoint' && !save.plan.isReplacement;
}
