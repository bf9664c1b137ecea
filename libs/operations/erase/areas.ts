/** What becomes of something about a person: by what it is part of. */
export type Treatment =
  /** The whole key goes. */
  | 'key'
  /** Its entry, field or member goes. */
  | 'entry'
  | 'field'
  | 'member'
  /** The memory takes out what is theirs. */
  | 'memory'
  /** The clock is told to forget it. */
  | 'timer'
  /** Belongs to a worker until it is done. */
  | 'unfinished'
  | 'keep';

export interface Area {
  /** Of what, for people; in the plural. */
  readonly kind: string;
  readonly treatment: Treatment;
  /** Naming the person is enough; else it goes only where it is theirs. */
  readonly isTheirsByName?: boolean;
  /** Why it stays. */
  readonly why?: string;
  /** Sealed with another key than `PAYLOAD_KEY`, and about devices only. */
  readonly isClosed?: boolean;
}

const own = (name: string): RegExp => new RegExp(`^\\{\\d+\\}:${name}`);

/** What each key is, by its name behind `KEY_PREFIX:`; the first that fits counts. */
const areas: readonly (readonly [RegExp, Area])[] = [
  [own('inbound$'), { kind: 'messages and decisions', treatment: 'entry' }],
  [own('outbound$'), { kind: 'replies', treatment: 'entry' }],
  [own('approvals$'), { kind: 'prompts and outcomes', treatment: 'entry' }],
  [own('timers$'), { kind: 'orders to the clock', treatment: 'entry' }],
  [own('dead$'), { kind: 'dead letters', treatment: 'entry' }],
  [
    own('audit'),
    {
      kind: 'audit lines',
      treatment: 'keep',
      why: 'they prove who decided what, hold ids and digests but no text, and a chain with a line less could not be verified',
    },
  ],
  [own('accepted$'), { kind: 'messages that wait', treatment: 'unfinished' }],
  [own('sessions$'), { kind: 'entries in the list of conversations', treatment: 'member' }],
  [own('session:'), { kind: 'conversations', treatment: 'key' }],
  [own('turns:'), { kind: 'accounts of turns', treatment: 'key' }],
  [own('vault:'), { kind: 'personal data behind placeholders', treatment: 'key' }],
  [own('told:'), { kind: 'notes of what was told', treatment: 'key' }],
  [own('turn-of:'), { kind: 'notes of which turn was whose', treatment: 'key' }],
  [own('thread:'), { kind: 'checkpoints', treatment: 'key' }],
  [own('approval:'), { kind: 'approvals', treatment: 'key' }],
  [own('prompt:'), { kind: 'prompts in the admin room', treatment: 'key' }],
  [own('approvals:open$'), { kind: 'approvals that wait', treatment: 'unfinished' }],
  [own('approvals:decided:'), { kind: 'codes of approvals', treatment: 'key' }],
  [own('timers:pending$'), { kind: 'timers', treatment: 'timer' }],
  [own('timers:due$'), { kind: 'timers', treatment: 'unfinished' }],
  [own('reply:'), { kind: 'notes of what was posted', treatment: 'key' }],
  [own('mark:'), { kind: 'notes of what was posted', treatment: 'key' }],
  [own('media:'), { kind: 'files', treatment: 'key' }],
  [own('fact:'), { kind: 'facts', treatment: 'key' }],
  [/^posted:/, { kind: 'notes of what was posted', treatment: 'key' }],
  [/^\{sync\}:session-of:/, { kind: 'notes of which message was whose', treatment: 'key' }],
  [/^understood:/, { kind: 'kept understandings', treatment: 'key', isTheirsByName: true }],
  [/^rate:/, { kind: 'limits', treatment: 'key' }],
  [/^\{budget:/, { kind: 'budgets', treatment: 'key' }],
  [/^\{memory:/, { kind: 'memories', treatment: 'memory' }],
  [/^gateway:/, { kind: 'sign-ins', treatment: 'key', isTheirsByName: true }],
  [/^\{crypto:.*\}:ciphertext$/, { kind: 'encrypted events that wait', treatment: 'entry' }],
  [/^\{crypto:.*\}:told:/, { kind: 'notes of what was told', treatment: 'key' }],
  [
    /^\{crypto:.*\}:(?:store|lease|cross-signing)$/,
    {
      kind: 'keys of devices',
      treatment: 'keep',
      isClosed: true,
      why: 'they are needed to talk to the devices in rooms of the bot, and hold no message',
    },
  ],
  // Holds a word that is sealed to find out whether all have the same key.
  [/^settings$/, { kind: 'settings', treatment: 'keep', isClosed: true, why: "they are nobody's" }],
  [/^\{playbook\}:procedures$/, { kind: 'procedures that they had asked for', treatment: 'field' }],
  [
    /^\{(?:switches|access|playbook|sync|rooms|crypto:.*)\}/,
    {
      kind: 'settings and what operators did',
      treatment: 'keep',
      why: 'it names them as somebody who runs the system, or as the bot itself',
    },
  ],
];

const unknown: Area = { kind: 'keys that nobody knows', treatment: 'keep' };

export function areaOf(name: string): Area {
  return areas.find(([pattern]) => pattern.test(name))?.[1] ?? unknown;
}
