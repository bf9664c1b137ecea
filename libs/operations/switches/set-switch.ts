import { roomId } from '#contract/matrix-ids';
import { BadRequestError, ConflictError } from '#operations/errors';
import type { Transport } from '#streams/open-transport';
import { redisNow } from '#streams/redis-now';
import { loadScript, redisErrorCode, runScript } from '#streams/script';
import { type SwitchedOff, type SwitchScope, switchedOff } from './switch.ts';
import { fieldOf } from './switch-field.ts';

const script = loadScript(new URL('set-switch.lua', import.meta.url));

export interface SwitchOrder {
  readonly scope: SwitchScope;
  /** A room id, the name of an agent or tool; `*` for everything. */
  readonly name: string;
  readonly off: boolean;
  /** Why, for the others; at most 500 characters. */
  readonly because: string;
  /** `cli:<name>`, or the user id of an operator. */
  readonly by: string;
}

/**
 * Switches something off, or on again; every process obeys within a second. Who did it is kept in the log. What is off
 * already is off for the new reason from now on.
 *
 * @returns false where it was to be switched on and is on: then nothing was changed or logged.
 * @throws {BadRequestError} where the scope has no such names, or the reason is missing or too long;
 * {@link ConflictError} where the keys hold something else.
 */
export async function setSwitch(
  { redis, keys }: Pick<Transport, 'redis' | 'keys'>,
  { scope, name, off, because, by }: SwitchOrder,
): Promise<boolean> {
  refuseName(scope, name);
  if (off && because.trim() === '') throw new BadRequestError('Say why it is switched off');
  const at = new Date(await redisNow(redis)).toISOString();
  const record = { scope, name, by, because: because.trim(), at } satisfies SwitchedOff;
  if (!switchedOff.safeParse(record).success) {
    throw new BadRequestError('The reason for a switch has at most 500 characters');
  }
  const line = ['scope', scope, 'name', name, 'what', off ? 'off' : 'on'];
  line.push('by', by, 'because', record.because, 'at', at);
  const args = [fieldOf(scope, name), off ? JSON.stringify(record) : '', ...line];
  try {
    return (await runScript(redis, script, [keys.switches(), keys.switchLog()], args)) === 1;
  } catch (error) {
    if (redisErrorCode(error) !== 'WRONGTYPE') throw error;
    const held = `${keys.switches()} or ${keys.switchLog()}`;
    throw new ConflictError(`${held} holds something else: everything stays off until it is deleted`);
  }
}

function refuseName(scope: SwitchScope, name: string): void {
  switch (scope) {
    case 'all':
      if (name !== '*') throw new BadRequestError('Everything is switched as "all *"');
      return;
    case 'room':
      if (!roomId.safeParse(name).success) {
        throw new BadRequestError('A room is switched by its id, e.g. !abc:example.org');
      }
      return;
    case 'agent':
    case 'tool':
      if (!/^[\w.-]{1,128}$/.test(name)) {
        throw new BadRequestError(`That is not the name of ${scope === 'tool' ? 'a tool' : 'an agent'}`);
      }
      return;
    default:
      scope satisfies never;
  }
}
