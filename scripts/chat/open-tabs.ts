import { join } from 'node:path';
import type { Environment } from '#runtime/read-config';
import { readVariable } from '#runtime/read-variable';
import { CommandError } from '../cli/errors.ts';
import { givenHomeserver } from '../up/given.ts';
import { type Account, readPeople } from '../up/people.ts';
import { findRunningSystem } from '../up/running-system.ts';
import type { Household } from '../up/set-up-people.ts';
import { stateFolder } from '../up/state-folder.ts';
import { HomeserverError } from './errors.ts';
import { type OpenTabs, openHouseholdTabs, signOut } from './open-household-tabs.ts';
import { Person } from './person.ts';
import type { Tab } from './tab.ts';

/** Asks the person for what the environment does not say; undefined where nobody is there to ask. */
export type Ask =
  | {
      text(what: string, example: string): Promise<string>;
      secret(what: string): Promise<string>;
      choose(what: string, choices: readonly { value: string; label: string }[]): Promise<string>;
    }
  | undefined;

/**
 * Signs in: to the system of this folder where one runs, else as `CHAT_USER` at `MATRIX_HOMESERVER`, in `CHAT_ROOM`;
 * with `ADMIN_ROOM_ID` also as the reviewer there, who is `CHAT_REVIEWER` or the same person.
 *
 * @throws {CommandError} naming what is missing or refused.
 */
export async function openTabs(env: Environment, ask: Ask): Promise<OpenTabs> {
  const folder = stateFolder(env);
  const running = await findRunningSystem(folder);
  const url = running?.environment['MATRIX_HOMESERVER'];
  if (givenHomeserver(env) === undefined && env['CHAT_USER'] === undefined && url !== undefined) {
    const household = await readHousehold(folder, running?.environment['MATRIX_USER'] ?? '');
    if (household !== undefined) return openHouseholdTabs(url, household);
  }
  return openGivenTabs({ ...running?.environment, ...env }, ask);
}

/** The people of the embedded homeserver; undefined where the system uses another one. */
async function readHousehold(folder: string, bot: string): Promise<Household | undefined> {
  const people = await readPeople(join(folder, 'homeserver'));
  if (people?.adminRoom === undefined || people.talkRoom === undefined) return undefined;
  const server = bot.replace(/^[^:]*:/, ':');
  const member = ({ name, password }: Account) => ({ userId: `@${name}${server}`, password });
  const { you, reviewer, adminRoom, talkRoom } = people;
  return { bot: member(people.bot), you: member(you), reviewer: member(reviewer), adminRoom, talkRoom };
}

async function openGivenTabs(env: Environment, ask: Ask): Promise<OpenTabs> {
  const homeserver = await text(
    env,
    'MATRIX_HOMESERVER',
    'The homeserver',
    'https://matrix.example.org',
    ask,
  );
  const person = await signIn(env, homeserver, 'CHAT_USER', 'CHAT_PASSWORD', ask);
  const people = [person];
  try {
    const room = await chooseRoom(env, person, ask);
    const you: Tab = { name: 'you', person, room, title: await person.nameOf(room) };
    const adminRoom = env['ADMIN_ROOM_ID'];
    if (adminRoom === undefined) return { tabs: [you], close: () => signOut(people) };
    const reviewer =
      env['CHAT_REVIEWER'] === undefined
        ? person
        : await signIn(env, homeserver, 'CHAT_REVIEWER', 'CHAT_REVIEWER_PASSWORD', ask);
    if (reviewer !== person) people.push(reviewer);
    if (!(await reviewer.joinedRooms()).includes(adminRoom))
      return { tabs: [you], close: () => signOut(people) };
    const title = await reviewer.nameOf(adminRoom);
    return {
      tabs: [you, { name: 'reviewer', person: reviewer, room: adminRoom, title }],
      close: () => signOut(people),
    };
  } catch (error) {
    await signOut(people);
    throw error;
  }
}

async function signIn(
  env: Environment,
  homeserver: string,
  userName: string,
  secretName: string,
  ask: Ask,
): Promise<Person> {
  const user = await text(env, userName, `Your user name at ${homeserver}`, '@you:example.org', ask);
  const password = readVariable(secretName, env);
  if (password.kind === 'problem')
    throw new CommandError(`${secretName} ${password.problem}. ${password.remedy}`);
  if (password.kind === 'missing' && ask === undefined)
    throw new CommandError(`${secretName} is missing: set it to the password of ${user}`);
  try {
    return await Person.signIn(
      homeserver,
      user,
      password.kind === 'value' ? password.value : ((await ask?.secret(`The password of ${user}`)) ?? ''),
    );
  } catch (error) {
    if (!(error instanceof HomeserverError)) throw error;
    const remedy =
      error.errcode === 'M_FORBIDDEN' ? `check ${userName} and ${secretName}` : 'check MATRIX_HOMESERVER';
    throw new CommandError(`${user} cannot sign in: ${error.message}. Please ${remedy}`);
  }
}

async function chooseRoom(env: Environment, person: Person, ask: Ask): Promise<string> {
  const joined = await person.joinedRooms();
  const given = env['CHAT_ROOM'];
  if (given !== undefined) {
    if (!joined.includes(given)) await person.join(given);
    return given;
  }
  const rooms = joined.filter((room) => room !== env['ADMIN_ROOM_ID']);
  const [only] = rooms;
  if (only === undefined) {
    throw new CommandError(
      `${person.userId} is in no room: create one with another Matrix client, invite the bot, and start again`,
    );
  }
  if (rooms.length === 1) return only;
  if (ask === undefined) throw new CommandError(`CHAT_ROOM is missing: set it to one of ${rooms.join(', ')}`);
  const choices = await Promise.all(
    rooms.map(async (room) => ({ value: room, label: await person.nameOf(room) })),
  );
  return ask.choose('In which room?', choices);
}

async function text(
  env: Environment,
  name: string,
  what: string,
  example: string,
  ask: Ask,
): Promise<string> {
  const given = env[name]?.trim();
  if (given) return given;
  if (ask === undefined)
    throw new CommandError(
      `${name} is missing: set it, e.g. to ${example}, or run "npm start" first in this folder`,
    );
  return ask.text(what, example);
}
