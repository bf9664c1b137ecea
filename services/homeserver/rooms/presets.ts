import type { Content } from '../content.ts';

export interface Preset {
  /** State events that the preset sets, in order. */
  readonly state: readonly (readonly [type: string, content: Content])[];
  /** Invitees get the creator's power. */
  readonly inviteesAreEqual: boolean;
  /** Power needed to invite. */
  readonly invite: number;
  /** Power needed to ring everyone, where that is not left to all. */
  readonly callInvite?: number;
}

const rules = (joinRule: string): Preset['state'] => [
  ['m.room.join_rules', { join_rule: joinRule }],
  ['m.room.history_visibility', { history_visibility: 'shared' }],
];
const privateRules: Preset['state'] = [
  ...rules('invite'),
  ['m.room.guest_access', { guest_access: 'can_join' }],
];

/** The presets of the specification's `createRoom`, with Synapse's power levels. */
export const presets = {
  private_chat: { state: privateRules, inviteesAreEqual: false, invite: 0 },
  trusted_private_chat: { state: privateRules, inviteesAreEqual: true, invite: 0 },
  public_chat: { state: rules('public'), inviteesAreEqual: false, invite: 50, callInvite: 50 },
} satisfies Record<string, Preset>;

/** The power levels of a new room. From version 12 on creators are above them and not listed. */
export function initialPowerLevels(
  creator: string,
  version: string,
  preset: Preset,
  invitees: string[],
): Content {
  const hasCreatorsAbove = Number(version) >= 12;
  const equals = preset.inviteesAreEqual ? [creator, ...invitees] : [creator];
  return {
    users: hasCreatorsAbove ? {} : Object.fromEntries(equals.map((userId) => [userId, 100])),
    users_default: 0,
    events: {
      'm.room.name': 50,
      'm.room.power_levels': 100,
      'm.room.history_visibility': 100,
      'm.room.canonical_alias': 50,
      'm.room.avatar': 50,
      'm.room.tombstone': hasCreatorsAbove ? 150 : 100,
      'm.room.server_acl': 100,
      'm.room.encryption': 100,
    },
    events_default: 0,
    state_default: 50,
    ban: 50,
    kick: 50,
    redact: 50,
    invite: preset.invite,
    historical: 100,
    // Synapse sets this beside `events`, not inside.
    ...(preset.callInvite === undefined ? {} : { 'm.call.invite': preset.callInvite }),
  };
}
