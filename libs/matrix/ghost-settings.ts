import { z } from 'zod';
import { setting } from '#runtime/setting';

const isPrefix = (text: string): boolean => /^[a-z0-9._-]{2,64}$/.test(text);

/** `GHOST_PREFIX`: how the local parts of the users that speak for agents begin; in appservice mode only. */
export const ghostSettings = z
  .object({
    GHOST_PREFIX: setting
      .text('2 to 64 small letters, digits, ".", "_" or "-", e.g. _vagent_', isPrefix)
      .default('_vagent_'),
  })
  .transform(({ GHOST_PREFIX }) => ({ prefix: GHOST_PREFIX }));
