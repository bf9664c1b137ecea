import { describe, expect, it } from 'vitest';
import type { DialogueTurn } from '#playbook/schemas/dialogue-file';
import { answerAsScripted } from './answer-as-scripted.ts';
import type { ChatRequest } from './chat-request.ts';

const turn: DialogueTurn = {
  user: 'refund INV-1042',
  understood: [{ command: 'start_flow', flow: 'refund', slots: { invoice_id: 'INV-1042' } }],
  analysis: { topics: ['billing'], risk: 'legal_threat' },
  expect: {},
};
const said = 'refund INV-1042';

function requestOf(system: string, more: Partial<ChatRequest> = {}): ChatRequest {
  const messages = [
    { role: 'system', content: system },
    { role: 'user', content: said },
  ];
  return { model: 'scripted', messages, ...more };
}

const forcing = (name: string, parameters: object = {}): Partial<ChatRequest> => ({
  tools: [{ function: { name, parameters } }],
  tool_choice: { type: 'function', function: { name } },
});

describe('answerAsScripted', () => {
  it('fills in the form of understanding as the turn is annotated', () => {
    expect(answerAsScripted(requestOf('', forcing('understand')), turn, said)).toEqual({
      calls: [
        {
          name: 'understand',
          arguments: {
            commands: [expect.objectContaining({ command: 'start_flow', slots: { invoice_id: 'INV-1042' } })],
            analysis: expect.objectContaining({
              topics: ['billing'],
              risk: 'legal_threat',
              urgency: 'normal',
            }),
            confidence: 0.95,
          },
        },
      ],
    });
  });

  it('fills in any other form with the least that fits its schema', () => {
    const form = {
      type: 'object',
      required: ['verdict', 'reasons'],
      properties: {
        verdict: { enum: ['pass', 'fail'] },
        reasons: { type: 'array' },
        note: { type: 'string' },
      },
    };
    expect(answerAsScripted(requestOf('', forcing('judge', form)), turn, said)).toEqual({
      calls: [{ name: 'judge', arguments: { verdict: 'pass', reasons: [] } }],
    });
  });

  it('quotes the first source, with its number', () => {
    const system = 'Sources:\n\n[1] A › B\nThe answer.\n\n[2] C\nAnother one.';
    expect(answerAsScripted(requestOf(system), turn, said)).toEqual({ text: 'The answer. [1]' });
  });

  it('asks for the calls of the turn once, then writes from what they brought', () => {
    const calls = [{ name: 'find_invoice', arguments: { invoice_id: 'INV-1042' } }];
    const offer = { tools: [{ function: { name: 'find_invoice' } }] };
    expect(answerAsScripted(requestOf('', offer), { ...turn, calls }, said)).toEqual({ calls });
    const after = requestOf('', offer);
    const answered: ChatRequest = {
      ...after,
      messages: [
        ...after.messages,
        { role: 'assistant', content: null, tool_calls: [{ function: { name: 'find_invoice' } }] },
        { role: 'tool', content: '{"status":"done","text":"Invoice INV-1042: 49 \\"EUR\\""}' },
      ],
    };
    expect(answerAsScripted(answered, { ...turn, calls }, said)).toEqual({
      text: '- Invoice INV-1042: 49 "EUR"',
    });
  });

  it('says what a procedure has for the person, and what the dialogue wants it to say before all', () => {
    const system =
      'the procedure "A", to be followed, not quoted:\n<data>\nInside.\n\n## Reply\n\nDear you.\n</data>';
    expect(answerAsScripted(requestOf(system), turn, said)).toEqual({ text: 'Dear you.' });
    expect(answerAsScripted(requestOf(system), { ...turn, writes: 'Mine.' }, said)).toEqual({
      text: 'Mine.',
    });
  });

  it('invents nothing where the prompt holds nothing', () => {
    expect(answerAsScripted(requestOf('Be kind.'), turn, said)).toEqual({
      text: 'I do not know that; a colleague can help you.',
    });
  });
});
