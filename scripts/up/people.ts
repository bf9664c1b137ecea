import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { roomId } from '#contract/matrix-ids';
import { readState, writeState } from './state-folder.ts';

const account = z.object({ name: z.string(), displayName: z.string(), password: z.string() });
export type Account = z.infer<typeof account>;

/** Who lives on the embedded homeserver, and where they meet. Rooms and ids are there once they were made. */
const people = z.object({
  bot: account,
  you: account,
  reviewer: account,
  adminRoom: roomId.optional(),
  talkRoom: roomId.optional(),
});
export type People = z.infer<typeof people>;

const peopleFile = 'people.json';

/** Undefined where nobody has been made up yet. */
export function readPeople(folder: string): Promise<People | undefined> {
  return readState(folder, peopleFile, people);
}

/** The people of this folder, made up at the first call with random passwords, and kept. */
export async function keepPeople(folder: string): Promise<People> {
  const known = await readPeople(folder);
  if (known !== undefined) return known;
  const password = (): string => randomBytes(18).toString('base64url');
  const made: People = {
    bot: { name: 'vagent', displayName: 'vagent', password: password() },
    you: { name: 'you', displayName: 'You', password: password() },
    reviewer: { name: 'reviewer', displayName: 'Reviewer', password: password() },
  };
  await writeState(folder, peopleFile, made);
  return made;
}

export function savePeople(folder: string, changed: People): Promise<void> {
  return writeState(folder, peopleFile, changed);
}
