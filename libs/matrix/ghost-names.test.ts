import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { userId } from '#contract/matrix-ids';
import { ghostNames } from './ghost-names.ts';

const exclusive = (regex: string) => ({ regex, isExclusive: true });

function found(regex = '@_vagent_.*:example.org', senderLocalpart = 'vagent') {
  return ghostNames({ userNamespaces: [exclusive(regex)], senderLocalpart }, 'example.org', '_vagent_');
}

function names(...options: Parameters<typeof found>) {
  const result = found(...options);
  if (!result.ok) throw new Error(result.reason);
  return result.names;
}

describe('the names of ghosts', () => {
  it.each([
    ['billing', '_vagent_billing'],
    ['account_security', '_vagent_account_security'],
    ['ci-workers', '_vagent_ci-workers'],
    ['Billing', '_vagent_=42illing'],
    ['a=42', '_vagent_a=3d42'],
    ['a:b/c', '_vagent_a=3ab=2fc'],
  ])('of %j is %j', (agent, localpart) => {
    expect(names().localpartOf(agent)).toBe(localpart);
  });

  it.each([
    ['is empty', ''],
    ['is too long', 'a'.repeat(65)],
    ['holds a letter that looks like another', 'b\u0456lling'],
    ['holds a control character', 'bill\u0000ing'],
    ['holds a letter of full width', '\uff42illing'],
  ])('is refused to an agent whose id %s', (_, agent) => {
    expect(names().localpartOf(agent)).toBeUndefined();
  });

  it('are legal user ids, and another one for each agent', () => {
    const agent = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 64 });
    fc.assert(
      fc.property(agent, agent, (one, other) => {
        const [first, second] = [one, other].map((id) => names().localpartOf(id));
        expect(first === second).toBe(one === other);
        expect(first).toMatch(/^[a-z0-9._=/+-]+$/);
        expect(userId.safeParse(`@${first}:example.org`).success).toBe(true);
        expect(names().isGhost(`@${first}:example.org`)).toBe(true);
        expect(names().agentOf(`@${first}:example.org`)).toBe(one);
      }),
    );
  });

  it('are never the name of the bot itself', () => {
    const own = names(undefined, '_vagent_bot');
    expect(own.localpartOf('bot')).toBeUndefined();
    expect(own.isGhost('@_vagent_bot:example.org')).toBe(false);
    expect(own.isGhost('@_vagent_bots:example.org')).toBe(true);
  });

  it('are known again, and nobody else is taken for one', () => {
    const { isGhost } = names();
    expect(isGhost('@_vagent_gone:example.org')).toBe(true);
    expect(isGhost('@_vagent_billing:example.org.evil')).toBe(false);
    expect(isGhost('@_vagent_billing:evil.example.org')).toBe(false);
    expect(isGhost('@x_vagent_billing:example.org')).toBe(false);
    expect(isGhost('@_Vagent_billing:example.org')).toBe(false);
  });

  it.each([
    '@_vagent_=62illing:example.org',
    '@_vagent_=d1=96:example.org',
    '@_vagent_:example.org',
    '@alice:example.org',
  ])('lead from %s to no agent', (user) => {
    expect(names().agentOf(user)).toBeUndefined();
  });

  it('end where the namespace does', () => {
    const { localpartOf } = names('@_vagent_(agent|billing):example\\.org');
    expect([localpartOf('billing'), localpartOf('tech')]).toEqual(['_vagent_billing', undefined]);
  });

  it.each([
    ['another prefix', exclusive('@_other_.*:example.org')],
    ['another server', exclusive('@_vagent_.*:example.com')],
    ['a part of the name only', exclusive('_vagent_.*')],
    ['a pattern that is none', exclusive('@_vagent_(:example.org')],
    ['names that anybody can register', { regex: '@_vagent_.*:example.org', isExclusive: false }],
  ])('are not there where the namespace is %s, and the reason says what to do', (_, namespace) => {
    const registration = { userNamespaces: [namespace], senderLocalpart: 'vagent' };
    const result = ghostNames(registration, 'example.org', '_vagent_');
    expect(result).toMatchObject({
      ok: false,
      reason: expect.stringContaining("regex: '@_vagent_.*:example.org'"),
    });
  });
});
