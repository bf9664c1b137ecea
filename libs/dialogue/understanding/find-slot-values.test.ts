import { describe, expect, it } from 'vitest';
import { createValidators } from '#dialogue/flows/validators/create-validators';
import type { FlowSpec } from '#playbook/flow-spec';
import { findSlotValue, learnPlaces } from './find-slot-values.ts';

const flow: FlowSpec = {
  id: 'delete_records',
  description: 'Deletes the records of a project.',
  examples: ['delete the records of project {project}', 'delete all project records'],
  isOffered: true,
  slots: new Map([
    [
      'project',
      {
        name: 'project',
        type: 'project',
        description: 'The project.',
        ask: 'Which project?',
        why: undefined,
        examples: ['project {project}'],
      },
    ],
  ]),
  steps: [],
};
const [places] = learnPlaces(flow, createValidators());
const find = (text: string): string | undefined =>
  places && findSlotValue(places, text, (word) => ['records', 'apollo'].includes(word.toLowerCase()));

describe('finding the value of a slot', () => {
  it('takes the word that stands where values stand', () => {
    expect(find('delete the records of project Gemini')).toBe('Gemini');
    expect(find('please erase project Apollo')).toBe('Apollo');
  });

  it('takes no word that an example has at that very place without being a value', () => {
    expect(find('delete all project records')).toBeUndefined();
    expect(find('erase our project records now')).toBeUndefined();
  });
});
