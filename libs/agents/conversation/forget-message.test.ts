import { describe, expect, it } from 'vitest';
import { emptyDialogue, type Frame } from '#dialogue/flows/dialogue-state';
import { forgetMessage, type KeptState, type TakenBack } from './forget-message.ts';
import { firstSituation } from './situation.ts';

const said = (text: string) => ({ role: 'user', text }) as const;
const told = (text: string) => ({ role: 'assistant', text }) as const;
const history = [said('Hello'), told('Hi.'), said('My pin is 7788'), told('Noted: 7788.'), said('Thanks')];

function state(changes: Partial<KeptState> = {}): KeptState {
  return { messages: history, pending: [], situation: firstSituation, ...changes };
}

function taken(changes: Partial<TakenBack> = {}): TakenBack {
  return { texts: ['My pin is 7788'], replies: [], turns: ['$one'], approvals: [], ...changes };
}

function frame(changes: Partial<Frame>): Frame {
  const bare = { slots: {}, results: {}, awaiting: null, linkedBy: null, trail: [], visits: {} };
  return { id: 'x', flow: 'refund', step: 'ask', ...bare, ...changes };
}

const withStack = (...stack: Frame[]): Partial<KeptState> => ({
  situation: { ...firstSituation, version: 'v1', dialogue: { stack, parked: [] } },
});

describe('a conversation without a message that was taken back', () => {
  it('has neither it nor the answer behind it, and all the rest', () => {
    expect(forgetMessage(state(), taken()).messages).toEqual([said('Hello'), told('Hi.'), said('Thanks')]);
  });

  it('has nothing that was answered together with it', () => {
    const messages = [said('My pin is 7788\n\nAnd quickly'), told('Noted.'), said('Thanks')];
    expect(forgetMessage(state({ messages }), taken()).messages).toEqual([said('Thanks')]);
  });

  it('keeps messages that hold a short word of it by chance', () => {
    const messages = [said('yes'), told('Done.'), said('yes, but later'), told('Later.')];
    const { messages: left } = forgetMessage(state({ messages }), taken({ texts: ['yes'] }));
    expect(left).toEqual([said('yes, but later'), told('Later.')]);
  });

  it('ends open flows that know something from it, and holds on to no playbook then', () => {
    const knowing = withStack(frame({ id: 'a' }), frame({ id: 'b', slots: { pin: '7788' } }));
    const { situation } = forgetMessage(state(knowing), taken());
    expect(situation.dialogue).toEqual(emptyDialogue);
    expect(situation.version).toBeNull();
  });

  it('goes on with flows that know nothing of it', () => {
    const open = withStack(frame({ slots: { invoice: 'INV-1042' } }));
    expect(forgetMessage(state(open), taken()).situation).toEqual(open.situation);
  });

  it('waits for no approval that it asked for', () => {
    const purpose = { kind: 'request' } as const;
    const pending = [
      { id: 'one', actions: [], since: '', purpose },
      { id: 'two', actions: [], since: '', purpose },
    ];
    const { pending: left } = forgetMessage(state({ pending }), taken({ approvals: ['one'] }));
    expect(left.map(({ id }) => id)).toEqual(['two']);
  });
});
