import { describe, expect, it } from 'vitest';
import { ConfigError } from '#runtime/errors';
import { readConfig } from '#runtime/read-config';
import { ingressConfig } from '../ingress-config.ts';

const env = {
  REDIS_URL: 'redis://127.0.0.1',
  MATRIX_HOMESERVER: 'http://127.0.0.1:8008',
  MATRIX_ACCESS_TOKEN: 'canary',
  ADMIN_ROOM_ID: '!admin:localhost',
};

describe('the settings of rooms', () => {
  it('limit invites, leave no room and know no prefix unless told', () => {
    const { rooms, policy } = readConfig(ingressConfig, env).config;
    expect(rooms).toEqual({ invitesPerHour: 20, leavesUnknownRooms: false });
    expect(policy.commandPrefix).toBeUndefined();
  });

  it('take what they are told', () => {
    const told = { INVITES_PER_HOUR: '0', LEAVE_UNKNOWN_ROOMS: 'true', COMMAND_PREFIX: '!ask' };
    const { rooms, policy } = readConfig(ingressConfig, { ...env, ...told }).config;
    expect([rooms.invitesPerHour, rooms.leavesUnknownRooms, policy.commandPrefix]).toEqual([0, true, '!ask']);
  });

  it.each([{ INVITES_PER_HOUR: '-1' }, { COMMAND_PREFIX: 'two words' }, { COMMAND_PREFIX: '!vagent' }])(
    'refuse %j',
    (wrong) => {
      expect(() => readConfig(ingressConfig, { ...env, ...wrong })).toThrow(ConfigError);
    },
  );
});
