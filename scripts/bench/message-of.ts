import type { EntryOf } from '#contract/entry';

const question = 'How do I reset two-factor authentication?';

/** The session of this number; each is in a room of its own. */
export function sessionOf(number: number): string {
  return `!bench${number}:localhost:main:@ana:localhost`;
}

/** A question that the example playbook answers, as ingress would publish it: about 500 bytes. */
export function messageOf(number: number, session: string, text = question): EntryOf<'message.received'> {
  const at = new Date().toISOString();
  return {
    type: 'message.received',
    id: `$bench-event-${number}-of-${session}`,
    session,
    at,
    body: {
      eventId: `$bench-event-${number}`,
      sender: '@ana:localhost',
      displayName: null,
      text,
      thread: null,
      replyTo: null,
      direct: true,
      attachments: [],
      encrypted: false,
      originTime: at,
    },
  };
}
