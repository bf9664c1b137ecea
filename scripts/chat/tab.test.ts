import { describe, expect, it } from 'vitest';
import type { Item } from './item.ts';
import { takenOver } from './tab.ts';

const item = (id: string, more: Partial<Item>): Item => ({
  id,
  sender: '@vagent:localhost',
  text: '',
  kind: 'message',
  approval: undefined,
  answers: undefined,
  isEdited: false,
  reactions: [],
  ...more,
});
const prompt = (id: string, tool: string, outcome: string): Item => {
  const digest = 'a'.repeat(8);
  const text = `${outcome}Approval\nAction 1 of 1: ${tool}, digest ${digest}\n    {}\nCode: ABC123`;
  return item(id, { kind: 'approval', approval: 'A', text });
};
const taken = prompt('$taken', 'hand_off', '✅ Approved by @rita:localhost.\n');

describe('takenOver', () => {
  it('is the prompt of the last hand-off that was approved', () => {
    const other = prompt('$other', 'refund_invoice', '✅ Approved by @rita:localhost.\n');
    expect(takenOver({ items: [taken, other, prompt('$open', 'hand_off', '')] })?.id).toBe('$taken');
  });

  it('is nothing before, nor after it was handed back', () => {
    expect(takenOver({ items: [prompt('$open', 'hand_off', '')] })).toBeUndefined();
    const back = item('$back', { sender: '@rita:localhost', text: 'Hand back', answers: '$taken' });
    expect(takenOver({ items: [taken, back] })).toBeUndefined();
  });
});
