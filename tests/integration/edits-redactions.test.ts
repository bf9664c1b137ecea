import { describe, expect, it } from 'vitest';
import type { Entry } from '#contract/entry';
import { eventually } from '../support/eventually.ts';
import { findWords } from '../support/find-words.ts';
import { message, openMessageStage } from './message-stage.ts';

const question = 'slow: How do I reset my 2FA?';
const secret = 'canary-7q2';

function edit(target: string, text: string, name = `${target}-edit`): Entry {
  const { at, session, body } = message('x', '');
  const { sender, originTime } = body;
  return {
    ...{ type: 'message.edited', id: `$${name}`, session, at },
    body: { eventId: `$${name}`, sender, edits: `$${target}`, text, originTime },
  };
}

function redaction(target: string, name = `${target}-redaction`): Entry {
  const { at, session, body } = message('x', '');
  const { sender, originTime } = body;
  return {
    ...{ type: 'message.redacted', id: `$${name}`, session, at },
    body: { eventId: `$${name}`, sender, redacts: `$${target}`, originTime },
  };
}

function redactionOfEdit(target: string, name = `${target}-redaction`): Entry {
  const entry = redaction(target, name);
  if (entry.type !== 'message.redacted') throw new Error('a redaction');
  return { ...entry, type: 'edit.redacted' };
}

type Stage = Awaited<ReturnType<typeof openMessageStage>>;

/** Replies and prompts are egress' to erase, which does not run here. */
async function places(stage: Stage): Promise<string[]> {
  const prefix = stage.keys.settings().replace(/:settings$/, '');
  const found = await findWords(stage.redis, prefix, secret);
  return found.filter((key) => !/:(outbound|approvals)$/.test(key));
}

describe('F66: a question that is edited', () => {
  it('before the work on it has begun is answered as it was edited', async () => {
    await using stage = await openMessageStage({});
    await stage.publish(message('first', question));
    await eventually(() => stage.begun.length === 1, { what: 'the first turn runs' });
    await stage.publish(message('two', 'How do I get an invoise?'));
    await stage.publish(edit('two', 'How do I get an invoice?', 'e1'));
    await stage.publish(edit('two', 'How do I add an SSH key?', 'e2'));
    await stage.delivered(4);
    stage.letGo();
    expect(await stage.ends('$two')).toBe('replied');
    expect(await stage.ends('$e1')).toBe('applied');
    expect(await stage.ends('$e2')).toBe('applied');
    expect(stage.begun).toEqual([question, 'How do I add an SSH key?']);
    expect((await stage.history()).map(({ turn }) => turn)).toEqual(['$first', '$two']);
  });

  it('while it is answered, or after, is told so once, in reply to the question', async () => {
    await using stage = await openMessageStage({});
    await stage.publish(message('one', question));
    await eventually(() => stage.begun.length === 1, { what: 'the turn runs' });
    await stage.publish(edit('one', 'How do I reset my password?', 'e1'));
    await stage.delivered(2);
    stage.letGo();
    expect(await stage.ends('$e1')).toBe('too_late');
    await stage.publish(edit('one', 'How do I reset my passkey?', 'e2'));
    expect(await stage.ends('$e2')).toBe('no_reply');
    const [, told, ...others] = await stage.history();
    expect(told).toMatchObject({ turn: '$e1', replyTo: '$one' });
    expect(told?.text).toMatch(/changed this message after I had begun/);
    expect(others).toEqual([]);
    expect(stage.begun).toEqual([question]);
  });

  it('and is broken off by a newer message is answered as it was edited', async () => {
    await using stage = await openMessageStage({ doubleText: 'interrupt' });
    await stage.publish(message('one', question));
    await eventually(() => stage.begun.length === 1, { what: 'the turn runs' });
    await stage.publish(edit('one', 'How do I reset my password?', 'e1'));
    await stage.publish(message('two', 'Quickly, please'));
    expect(await stage.ends('$two')).toBe('replied');
    expect(await stage.ends('$one')).toBe('interrupted');
    expect(await stage.ends('$e1')).toBe('applied');
    expect(stage.begun.at(-1)).toBe('How do I reset my password?\n\nQuickly, please');
  });
});

describe('F66: a question that is redacted', () => {
  it('before the work on it has begun is never looked at, and nothing is left of it', async () => {
    await using stage = await openMessageStage({});
    await stage.publish(message('first', question));
    await eventually(() => stage.begun.length === 1, { what: 'the first turn runs' });
    await stage.publish(message('two', `My password is ${secret}`));
    await stage.publish(edit('two', `My password was ${secret}`));
    await stage.publish(redaction('two'));
    await stage.delivered(4);
    stage.letGo();
    expect(await stage.ends('$two-redaction')).toBe('erased');
    expect(await stage.outcome('$two')).toBe('done:redacted');
    expect(stage.begun).toEqual([question]);
    expect((await stage.history()).map(({ turn }) => turn)).toEqual(['$first']);
    expect(await places(stage)).toEqual([]);
  });

  it('while it is answered is broken off: its drafts are taken back, nothing is said', async () => {
    await using stage = await openMessageStage({});
    await stage.publish(message('one', `slow: ${secret}`));
    await stage.output('outbound', 'reply.drafted');
    await stage.publish(redaction('one'));
    expect(await stage.ends('$one')).toBe('redacted');
    expect(await stage.ends('$one-redaction')).toBe('erased');
    expect(await stage.history()).toEqual([]);
    const withdrawn = await stage.output('outbound', 'reply.withdrawn');
    expect(withdrawn.body).toEqual({ reply: '$one', reason: 'redacted' });
    expect(await places(stage)).toEqual([]);
  });

  it('after its answer leaves no word in memory, and the rest of the conversation stays', async () => {
    await using stage = await openMessageStage({});
    await stage.publish(message('one', 'How do I add an SSH key?'));
    await stage.publish(message('two', `How do I reset my 2FA? It is ${secret}`));
    expect(await stage.ends('$two')).toBe('replied');
    expect(await places(stage)).not.toEqual([]);
    await stage.publish(redaction('two'));
    expect(await stage.ends('$two-redaction')).toBe('erased');
    expect(await places(stage)).toEqual([]);
    const kept = await findWords(
      stage.redis,
      stage.keys.settings().replace(/:settings$/, ''),
      'How do I add an SSH key?',
    );
    expect(kept.some((key) => key.includes(':thread:'))).toBe(true);
    await stage.publish(message('three', 'How do I get a token?'));
    expect(await stage.ends('$three')).toBe('replied');
  });

  it('while its approval waits withdraws that, and erases what was asked', async () => {
    await using stage = await openMessageStage({});
    await stage.publish(message('one', `Please delete all records of project ${secret}`));
    expect(await stage.ends('$one')).toBe('waiting');
    const asked = await stage.output('approvals', 'approval.requested');
    await stage.publish(redaction('one'));
    expect(await stage.ends('$one-redaction')).toBe('erased');
    expect(await places(stage)).toEqual([]);
    await stage.decide(asked.body.approval.id, { decision: 'approve' }, '$late');
    expect(await stage.ends('$late')).not.toBe('approved');
    expect(stage.calls).toEqual([]);
  });

  it('after its action has run erases what was said, and not that it was allowed', async () => {
    await using stage = await openMessageStage({});
    await stage.publish(message('one', `Please delete all records of project ${secret}`));
    const asked = await stage.output('approvals', 'approval.requested');
    await stage.decide(asked.body.approval.id, { decision: 'approve' }, '$decision');
    await stage.ends('$decision');
    await stage.publish(redaction('one'));
    expect(await stage.ends('$one-redaction')).toBe('erased');
    expect(await places(stage)).toEqual([]);
    const withdrawn = await stage.entries('outbound', 'reply.withdrawn');
    expect(withdrawn.map(({ body }) => body.reply)).toEqual(['$one', '$decision']);
  });

  it('that was answered together with another takes that answer with it', async () => {
    await using stage = await openMessageStage({ doubleText: 'interrupt' });
    await stage.publish(message('one', `slow: ${secret}`));
    await eventually(() => stage.begun.length === 1, { what: 'the turn runs' });
    await stage.publish(message('two', 'How do I add an SSH key?'));
    expect(await stage.ends('$two')).toBe('replied');
    await stage.publish(redaction('one'));
    expect(await stage.ends('$one-redaction')).toBe('erased');
    expect(await places(stage)).toEqual([]);
    const withdrawn = await stage.entries('outbound', 'reply.withdrawn');
    expect(withdrawn.map(({ body }) => body.reply)).toEqual(['$one', '$one', '$two']);
  });

  it('among several that one turn answers is left out, and the others are answered', async () => {
    await using stage = await openMessageStage({ doubleText: 'interrupt' });
    await stage.publish(message('one', 'slow: one'));
    await eventually(() => stage.begun.length === 1, { what: 'the turn runs' });
    const taken = message('two', `How do I add an SSH key? ${secret}`);
    await Promise.all([stage.publish(taken), stage.publish(redaction('two'))]);
    stage.letGo();
    expect(await stage.ends('$two-redaction')).toBe('erased');
    const replies = await stage.history();
    expect(replies).toHaveLength(1);
    expect(replies[0]?.replyTo).toBe('$one');
    expect(await places(stage)).toEqual([]);
  });

  it('twice, or edited after that, costs the conversation nothing more', async () => {
    await using stage = await openMessageStage({});
    await stage.publish(message('one', 'How do I add an SSH key?'));
    await stage.publish(message('two', `How do I get a token? ${secret}`));
    await stage.publish(redaction('two', 'r1'));
    await stage.publish(redaction('two', 'r2'));
    await stage.publish(edit('two', `And now? ${secret}`));
    expect(await stage.ends('$two-edit')).toBe('no_reply');
    expect(await stage.outcome('$r2')).toBe('done:erased');
    expect(await places(stage)).toEqual([]);
    const prefix = stage.keys.settings().replace(/:settings$/, '');
    const kept = await findWords(stage.redis, prefix, 'How do I add an SSH key?');
    expect(kept.some((key) => key.includes(':thread:'))).toBe(true);
  });

  it('long after the streams have forgotten it takes the whole conversation with it', async () => {
    await using stage = await openMessageStage({});
    await stage.publish(message('one', `How do I add an SSH key? ${secret}`));
    expect(await stage.ends('$one')).toBe('replied');
    await stage.redis.xtrim(stage.keys.stream(stage.partition, 'inbound'), 'MAXLEN', 0);
    await stage.publish(redaction('one'));
    expect(await stage.ends('$one-redaction')).toBe('erased');
    expect(await places(stage)).toEqual([]);
  });

  it('keeps its answer where the playbook says so', async () => {
    await using stage = await openMessageStage({ onRedaction: 'keep_answer' });
    await stage.publish(message('one', 'How do I add an SSH key?'));
    expect(await stage.ends('$one')).toBe('replied');
    await stage.publish(redaction('one'));
    expect(await stage.ends('$one-redaction')).toBe('erased');
    expect(await stage.entries('outbound', 'reply.withdrawn')).toEqual([]);
  });
});

describe('F66: an edit that is redacted alone', () => {
  const original = 'How do I add an SSH key?';

  /** A question is edited while another turn runs, and answered as it reads then. */
  async function answerAnEdit(stage: Stage): Promise<void> {
    await stage.publish(message('first', question));
    await eventually(() => stage.begun.length === 1, { what: 'the first turn runs' });
    await stage.publish(message('two', original));
    await stage.publish(edit('two', `How do I reset my 2FA? It is ${secret}`, 'e1'));
    await stage.delivered(3);
    stage.letGo();
    expect(await stage.ends('$e1')).toBe('applied');
  }

  it('before the work on its question has begun: that is answered as it read before, and nothing is left of the edit', async () => {
    await using stage = await openMessageStage({});
    await stage.publish(message('first', question));
    await eventually(() => stage.begun.length === 1, { what: 'the first turn runs' });
    await stage.publish(message('two', 'How do I add an SSH kee?'));
    await stage.publish(edit('two', original, 'e1'));
    await stage.publish(edit('two', `My password is ${secret}`, 'e2'));
    await stage.publish(redactionOfEdit('e2'));
    await stage.delivered(5);
    stage.letGo();
    expect(await stage.ends('$e2-redaction')).toBe('erased');
    expect(await stage.outcome('$e1')).toBe('done:applied');
    expect(await stage.outcome('$e2')).toBe('done:no_reply');
    expect(stage.begun).toEqual([question, original]);
    expect((await stage.history()).map(({ turn }) => turn)).toEqual(['$first', '$two']);
    expect(await places(stage)).toEqual([]);
  });

  it.each([
    { name: 'before that message', order: ['redaction', 'two'] },
    { name: 'after it', order: ['two', 'redaction'] },
  ])(
    'of a question that the next message answers too, $name, gives that its text back',
    async ({ order }) => {
      await using stage = await openMessageStage({ doubleText: 'interrupt' });
      await stage.publish(message('one', 'slow: one'));
      await eventually(() => stage.begun.length === 1, { what: 'the turn runs' });
      await stage.publish(edit('one', original, 'e1'));
      await stage.publish(edit('one', `slow: ${secret}`, 'e2'));
      const entries: Record<string, Entry> = {
        two: message('two', 'slow: two'),
        redaction: redactionOfEdit('e2'),
      };
      for (const name of order) await stage.publish(entries[name] ?? message('x', ''));
      await stage.publish(message('three', 'Quickly, please'));
      expect(await stage.ends('$three')).toBe('replied');
      expect(await stage.ends('$e2-redaction')).toBe('erased');
      expect(stage.begun.at(-1)).toBe(`${original}\n\nslow: two\n\nQuickly, please`);
      expect(await places(stage)).toEqual([]);
    },
  );

  it('after its turn undoes nothing, and leaves no word of the edit in memory', async () => {
    await using stage = await openMessageStage({});
    await answerAnEdit(stage);
    const before = await stage.history();
    expect(await places(stage)).not.toEqual([]);
    await stage.publish(redactionOfEdit('e1'));
    expect(await stage.ends('$e1-redaction')).toBe('erased');
    expect(await places(stage)).toEqual([]);
    expect(await stage.history()).toEqual(before);
    expect(await stage.entries('outbound', 'reply.withdrawn')).toEqual([]);
    const prefix = stage.keys.settings().replace(/:settings$/, '');
    // The message itself is still there, and so is the rest of the conversation.
    expect(await findWords(stage.redis, prefix, original)).not.toEqual([]);
    const kept = await findWords(stage.redis, prefix, question);
    expect(kept.some((key) => key.includes(':thread:'))).toBe(true);
  });

  it('that came too late, was redacted twice, or went with its message costs the conversation nothing', async () => {
    await using stage = await openMessageStage({});
    await stage.publish(message('one', original));
    expect(await stage.ends('$one')).toBe('replied');
    await stage.publish(edit('one', `And now? ${secret}`, 'e1'));
    expect(await stage.ends('$e1')).toBe('too_late');
    await stage.publish(redactionOfEdit('e1', 'r1'));
    await stage.publish(redactionOfEdit('e1', 'r2'));
    expect(await stage.ends('$r2')).toBe('erased');
    expect(await places(stage)).toEqual([]);
    const prefix = stage.keys.settings().replace(/:settings$/, '');
    const inMemory = async () =>
      (await findWords(stage.redis, prefix, original)).some((key) => key.includes(':thread:'));
    expect(await inMemory()).toBe(true);

    await stage.publish(message('two', question.replace('slow: ', '')));
    await stage.publish(edit('two', `My password: ${secret}`, 'e2'));
    await stage.publish(redaction('two'));
    await stage.publish(redactionOfEdit('e2'));
    expect(await stage.ends('$e2-redaction')).toBe('erased');
    expect(await places(stage)).toEqual([]);
    expect(await inMemory()).toBe(true);
  });

  it('leaves the approval that waits because of it to its reviewers', async () => {
    await using stage = await openMessageStage({});
    await stage.publish(message('first', question));
    await eventually(() => stage.begun.length === 1, { what: 'the first turn runs' });
    await stage.publish(message('two', original));
    await stage.publish(edit('two', `Please delete all records of project ${secret}`, 'e1'));
    await stage.delivered(3);
    stage.letGo();
    expect(await stage.ends('$two')).toBe('waiting');
    const asked = await stage.output('approvals', 'approval.requested');
    await stage.publish(redactionOfEdit('e1'));
    expect(await stage.ends('$e1-redaction')).toBe('erased');
    expect(await stage.entries('approvals', 'approval.resolved')).toEqual([]);
    await stage.decide(asked.body.approval.id, { decision: 'approve' }, '$decision');
    await stage.ends('$decision');
    expect(stage.calls).toHaveLength(1);
  });

  it('long after the streams have forgotten it takes what was said with it', async () => {
    await using stage = await openMessageStage({});
    await answerAnEdit(stage);
    await stage.redis.xtrim(stage.keys.stream(stage.partition, 'inbound'), 'MAXLEN', 0);
    await stage.publish(redactionOfEdit('e1'));
    expect(await stage.ends('$e1-redaction')).toBe('erased');
    expect(await places(stage)).toEqual([]);
  });
});
