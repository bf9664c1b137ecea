import type { StreamName } from './bodies.ts';

/** The consumer groups, one for each role. */
export type Group = 'graph' | 'egress' | 'clock';

export type Keys = ReturnType<typeof createKeys>;

/**
 * The names of all keys. What belongs to partition 3 carries the hash tag `{3}`, so that one script may touch
 * all of it, on one Redis, on Sentinel and on Cluster.
 */
export function createKeys(prefix: string) {
  const own = (partition: number, name: string): string => `${prefix}:{${partition}}:${name}`;
  return {
    stream: (partition: number, name: StreamName | 'dead' | 'audit') => own(partition, name),
    /** Hash `owner, epoch, until`: who may work on the partition for this group. */
    lease: (partition: number, group: Group) => own(partition, `lease:${group}`),
    /** What became of a fact: an entry id while it is accepted, then `done` or `dead`. */
    fact: (partition: number, id: string) => own(partition, `fact:${id}`),
    /** Hash entry id -> `session`, of inbound entries without an outcome. */
    accepted: (partition: number) => own(partition, 'accepted'),
    /** Hash: what is known of a session beside its checkpoints. */
    session: (partition: number, session: string) => own(partition, `session:${session}`),
    /** Sorted set of sessions by the time of their last turn. */
    sessions: (partition: number) => own(partition, 'sessions'),
    /** List of the newest turn records of a session, oldest first. */
    turns: (partition: number, session: string) => own(partition, `turns:${session}`),
    /** All keys of a LangGraph thread start with this. */
    thread: (partition: number, thread: string) => own(partition, `thread:${thread}`),
    store: (partition: number) => own(partition, 'store'),
    /** Hash with the record of one approval. */
    approval: (partition: number, id: string) => own(partition, `approval:${id}`),
    /** Hash: the room, event and state of its prompt in the admin room. */
    prompt: (partition: number, id: string) => own(partition, `prompt:${id}`),
    /** Hash code -> approval id, of all approvals that wait. */
    openApprovals: (partition: number) => own(partition, 'approvals:open'),
    /** The id of the approval that was decided last under this code: a late command is told who was first. */
    decidedApproval: (partition: number, code: string) => own(partition, `approvals:decided:${code}`),
    /** Hash `hash, count`: the end of the audit chain. */
    auditHead: (partition: number) => own(partition, 'audit:head'),
    /** Hash timer id -> JSON, and sorted set of timer ids by due time, of timers that have not fired. */
    timers: (partition: number) => own(partition, 'timers:pending'),
    timersDue: (partition: number) => own(partition, 'timers:due'),
    /** Hash: what egress has posted of a reply. */
    reply: (partition: number, reply: string) => own(partition, `reply:${reply}`),
    /** Hash placeholder -> sealed value of the personal data of a session, and list of placeholders, oldest first. */
    vault: (partition: number, session: string) => own(partition, `vault:${session}`),
    vaultOrder: (partition: number, session: string) => own(partition, `vault:order:${session}`),
    /** Sorted set of live members of a group by their last heartbeat. */
    members: (group: Group) => `${prefix}:members:${group}`,
    /** Hash with what must be the same for all services: partitions, contract version. */
    settings: () => `${prefix}:settings`,
    /** Hash `owner, epoch, until, token`: who reads /sync, and up to where it has been published. */
    sync: (user: string) => `${prefix}:{sync}:${user}`,
    /** The access token of one of the bot's devices. */
    token: (user: string, device: string) => `${prefix}:{sync}:${user}:token:${device}`,
    /** The files of a playbook that sessions began with. */
    playbook: (version: string) => `${prefix}:{playbook}:${version}`,
    /** JSON: an outline of the playbook that workers give to new sessions. */
    playbookCurrent: () => `${prefix}:{playbook}:current`,
    /** Hash approval id -> what a reviewer wrote where the playbook had no procedure. */
    procedures: () => `${prefix}:{playbook}:procedures`,
    /** Hash: what a model understood of a text, by the digest of everything else that it was given. */
    understood: (digest: string) => `${prefix}:understood:${digest}`,
    /** The session of a message that was let in. */
    sessionOf: (event: string) => `${prefix}:{sync}:session-of:${event}`,
    /** The session of a turn whose fact no homeserver knows: of timers, commands and conversations over HTTP. */
    turnOf: (partition: number, fact: string) => own(partition, `turn-of:${fact}`),
    /** JSON (`posted`): what an event of ours came from, to tell why it was posted. */
    posted: (event: string) => `${prefix}:posted:${event}`,
    /** Is there for an hour after a session was told that its room is switched off. */
    told: (partition: number, session: string) => own(partition, `told:${session}`),
    /** Hash of what operators have switched off, and stream of who switched what. */
    switches: () => `${prefix}:{switches}:off`,
    switchLog: () => `${prefix}:{switches}:log`,
    /** Hash of tokens and subjects whose access was revoked, and of `revision`, which changes with each. */
    revocations: () => `${prefix}:{access}:revoked`,
    /** Hash: how many messages somebody, or a room, may still send; how many invites or large dead letters somebody. */
    rate: (scope: 'user' | 'room' | 'inviter' | 'dead', who: string) => `${prefix}:rate:${scope}:${who}`,
    /** Hash: which room goes on in which, after upgrades that were checked. */
    roomMoves: () => `${prefix}:{rooms}:moved`,
    /** The reaction of ours that tells how a message fares. */
    mark: (partition: number, event: string) => own(partition, `mark:${event}`),
    /** Single-use codes and tickets of the gateway and signed-in consoles, by the SHA-256 of their secret. */
    signIn: (digest: string) => `${prefix}:gateway:sign-in:${digest}`,
    ticket: (digest: string) => `${prefix}:gateway:ticket:${digest}`,
    consoleSession: (digest: string) => `${prefix}:gateway:console:${digest}`,
    /** What a sign-in by OIDC that is on its way has to prove when it comes back. */
    oidcSignIn: (digest: string) => `${prefix}:gateway:oidc:${digest}`,
    /** Hash: the records of one crypto device, sealed; beside it the lease `owner, epoch, until` that fences its writes. */
    cryptoStore: (user: string, device: string) => `${prefix}:{crypto:${user}:${device}}:store`,
    cryptoLease: (user: string, device: string) => `${prefix}:{crypto:${user}:${device}}:lease`,
    /** The private cross-signing keys of a user, sealed. */
    crossSigning: (user: string) => `${prefix}:{crypto:${user}}:cross-signing`,
    /** Stream of encrypted events as they came, each until it is decrypted and published, or given up. */
    ciphertext: (user: string) => `${prefix}:{crypto:${user}}:ciphertext`,
    /** Hash: rooms that were once seen encrypted. They are for ever, whatever their homeserver says later. */
    encryptedRooms: (user: string) => `${prefix}:{crypto:${user}}:rooms`,
    /** Is there for an hour after a session was told that a message could not be decrypted: which. */
    toldUndecryptable: (user: string, session: string) => `${prefix}:{crypto:${user}}:told:${session}`,
    /** The bytes of a file that somebody sent, sealed, until their turn has ended. */
    media: (partition: number, id: string) => own(partition, `media:${id}`),
    bullPrefix: () => `${prefix}:{clock}`,
  };
}
