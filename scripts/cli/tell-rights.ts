import { redisErrorCode } from '#streams/script';
import { CommandError } from './errors.ts';

/**
 * Does something that the Redis user of operators has no right to, and says so where it is refused.
 *
 * @throws {CommandError} where Redis refuses a command or a key.
 */
export async function tellRights<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (redisErrorCode(error) !== 'NOPERM') throw error;
    throw new CommandError(
      'This Redis user has no right to that: it needs one with all rights. Set REDIS_USERNAME=keeper and its REDIS_PASSWORD',
      { cause: error },
    );
  }
}
