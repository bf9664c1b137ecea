import { describe, expect, it } from 'vitest';
import { createKeys } from '#contract/keys';
import { aclFile, aclUsers } from './acl-file.ts';
import { aclRules } from './acl-rules.ts';
import { keyAreas } from './key-areas.ts';
import { redisUsers } from './redis-user.ts';

const keys = createKeys('p');
const session = '!r:example.org:main:@ana:example.org';

/** One of every key that the contract names; the type asks for those to come. */
const samples: Record<keyof typeof keys, readonly string[]> = {
  stream: (['inbound', 'outbound', 'approvals', 'timers', 'dead', 'audit'] as const).map((name) =>
    keys.stream(31, name),
  ),
  lease: (['graph', 'egress', 'clock'] as const).map((group) => keys.lease(0, group)),
  fact: [keys.fact(0, '$event')],
  accepted: [keys.accepted(0)],
  session: [keys.session(0, session)],
  sessions: [keys.sessions(0)],
  turns: [keys.turns(0, session)],
  turnOf: [keys.turnOf(0, 'x')],
  told: [keys.told(0, session)],
  sessionOf: [keys.sessionOf('$event')],
  playbookCurrent: [keys.playbookCurrent()],
  thread: [`${keys.thread(0, session)}:data`, `${keys.thread(0, 'approval:x')}:index`],
  store: [keys.store(0)],
  approval: [keys.approval(0, 'x')],
  prompt: [keys.prompt(0, 'x')],
  openApprovals: [keys.openApprovals(0)],
  decidedApproval: [keys.decidedApproval(0, 'ABC123')],
  auditHead: [keys.auditHead(0)],
  timers: [keys.timers(0)],
  timersDue: [keys.timersDue(0)],
  reply: [keys.reply(0, 'x')],
  vault: [keys.vault(0, session)],
  vaultOrder: [keys.vaultOrder(0, session)],
  members: [keys.members('graph'), keys.members('egress'), keys.members('clock')],
  settings: [keys.settings()],
  sync: [keys.sync('@vagent:example.org')],
  token: ['VAGENT_INGRESS', 'VAGENT_EGRESS', 'VAGENT_CRYPTO_EGRESS_0'].map((device) =>
    keys.token('@vagent:example.org', device),
  ),
  playbook: [keys.playbook('x')],
  procedures: [keys.procedures()],
  understood: [keys.understood('x')],
  posted: [keys.posted('$event')],
  switches: [keys.switches()],
  switchLog: [keys.switchLog()],
  revocations: [keys.revocations()],
  roomMoves: [keys.roomMoves()],
  mark: [keys.mark(0, '$event')],
  rate: [keys.rate('user', '@ana:example.org')],
  signIn: [keys.signIn('x')],
  ticket: [keys.ticket('x')],
  consoleSession: [keys.consoleSession('x')],
  oidcSignIn: [keys.oidcSignIn('x')],
  cryptoStore: [
    keys.cryptoStore('@vagent:example.org', 'VAGENT_CRYPTO_INGRESS'),
    keys.cryptoStore('@vagent:example.org', 'VAGENT_CRYPTO_EGRESS_0'),
  ],
  cryptoLease: [keys.cryptoLease('@vagent:example.org', 'VAGENT_CRYPTO_EGRESS_0')],
  crossSigning: [keys.crossSigning('@vagent:example.org')],
  ciphertext: [keys.ciphertext('@vagent:example.org')],
  encryptedRooms: [keys.encryptedRooms('@vagent:example.org')],
  toldUndecryptable: [keys.toldUndecryptable('@vagent:example.org', session)],
  media: [keys.media(0, 'x')],
  bullPrefix: [`${keys.bullPrefix()}:timers:delayed`],
};

/** Patterns of Redis as far as the table uses them: `*` and `[0-9]`. */
function matches(pattern: string, key: string): boolean {
  const source = pattern.replaceAll(/[.{}^$+?()|]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^p:${source}$`).test(key);
}

describe('the rules for users of Redis', () => {
  it('name every key of the contract, each with somebody who writes it', () => {
    for (const key of Object.values(samples).flat()) {
      const areas = keyAreas.filter(({ pattern }) => matches(pattern, key));
      expect(areas.length, `${key} has no area: add it to key-areas.ts`).toBeGreaterThan(0);
      expect(
        areas.flatMap(({ write }) => write),
        key,
      ).not.toEqual([]);
    }
  });

  it('hold no pattern of which nobody knows what it is for', () => {
    const known = [
      ...Object.values(samples).flat(),
      'p:{sync}:@vagent:example.org:token:VAGENT_EGRESS',
      ...['budget', 'flag', 'memory'].map((kind) => `p:{${kind}:user:x}:y`),
    ];
    const idle = keyAreas.filter(({ pattern }) => !known.some((key) => matches(pattern, key)));
    expect(idle.map(({ pattern }) => pattern)).toEqual([]);
  });

  it.each(redisUsers)('grant %s no category and no way to see or change the server', (user) => {
    const rules = aclRules(user, 'p');
    expect(rules).toContain('-@all');
    expect(rules).toContain('resetchannels');
    expect(rules.filter((rule) => rule.startsWith('+@') || rule === '~*' || rule === 'allkeys')).toEqual([]);
    const spying =
      /^\+(keys|scan|flush|config|debug|acl|monitor|shutdown|function|script\|flush|client$|migrate)/;
    expect(rules.filter((rule) => spying.test(rule))).toEqual([]);
    expect(rules.every((rule) => !rule.includes(' '))).toBe(true);
  });

  it('keep no password, switch the default user off, and refuse a missing password', () => {
    const passwords = Object.fromEntries(aclUsers.map((user) => [user, `secret-of-${user}`]));
    const file = aclFile('p', passwords);
    expect(file).not.toContain('secret-of');
    expect(file.split('\n')[0]).toBe('user default off resetpass ~* &* +@all');
    expect(file.match(/^user \S+ on #[0-9a-f]{64} /gm)).toHaveLength(aclUsers.length);
    expect(() => aclFile('p', { ...passwords, clock: '' })).toThrow(/clock/);
  });
});
