import { HomeserverError } from '../chat/errors.ts';
import { Person } from '../chat/person.ts';
import { CommandError } from '../cli/errors.ts';
import { type Account, keepPeople, savePeople } from './people.ts';

export interface Household {
  readonly bot: Member;
  readonly you: Member;
  readonly reviewer: Member;
  readonly adminRoom: string;
  readonly talkRoom: string;
}

export interface Member {
  readonly userId: string;
  readonly password: string;
}

/** Makes an account. @throws {HomeserverError} with errcode M_USER_IN_USE where there is one. */
export type Register = (homeserver: string, name: string, password: string) => Promise<Person>;

const setupDevice = 'VAGENT_SETUP';

/**
 * The bot, you and a reviewer, the admin room (bot and reviewer) and a room for talking (you and bot): made where they
 * are missing, so a second call finds them as they are.
 *
 * @param register for a homeserver on which not everybody may register, as the embedded one lets them.
 */
export async function setUpPeople(
  homeserver: string,
  folder: string,
  register: Register = Person.register,
): Promise<Household> {
  const people = await keepPeople(folder);
  const [bot, you, reviewer] = await Promise.all(
    [people.bot, people.you, people.reviewer].map((account) => enter(homeserver, account, folder, register)),
  );
  if (bot === undefined || you === undefined || reviewer === undefined)
    throw new Error('Three people were asked for');
  const [adminRoom, talkRoom] = await Promise.all([
    keepRoom(people.adminRoom, bot, reviewer, adminRoomOf(reviewer)),
    keepRoom(people.talkRoom, you, bot, talkRoomOf(bot)),
  ]);
  await savePeople(folder, { ...people, adminRoom, talkRoom });
  await Promise.all([bot, you, reviewer].map((person) => person.signOut()));
  return {
    bot: { userId: bot.userId, password: people.bot.password },
    you: { userId: you.userId, password: people.you.password },
    reviewer: { userId: reviewer.userId, password: people.reviewer.password },
    adminRoom,
    talkRoom,
  };
}

async function enter(
  homeserver: string,
  account: Account,
  folder: string,
  register: Register,
): Promise<Person> {
  try {
    const person = await register(homeserver, account.name, account.password);
    await person.setDisplayName(account.displayName);
    return person;
  } catch (error) {
    if (!(error instanceof HomeserverError) || error.errcode !== 'M_USER_IN_USE') throw error;
  }
  try {
    return await Person.signIn(homeserver, account.name, account.password, setupDevice);
  } catch (error) {
    if (!(error instanceof HomeserverError) || error.errcode !== 'M_FORBIDDEN') throw error;
    throw new CommandError(
      `The homeserver in ${folder} does not take the password of @${account.name} from people.json there: put the right one back, or move the folder away to begin with a new homeserver`,
    );
  }
}

/** The known room where both are in it, else a new one. */
async function keepRoom(
  known: string | undefined,
  owner: Person,
  guest: Person,
  options: object,
): Promise<string> {
  const isIn = async (person: Person): Promise<boolean> =>
    known !== undefined && (await person.joinedRooms()).includes(known);
  if (known !== undefined && (await isIn(owner)) && (await isIn(guest))) return known;
  const room = await owner.createRoom(options);
  await guest.join(room);
  return room;
}

/** Without federation: nobody from elsewhere can ever be let in. */
function adminRoomOf(reviewer: Person): object {
  return {
    name: 'vagent admin',
    topic: 'Here the bot asks humans before it does anything risky',
    preset: 'private_chat',
    invite: [reviewer.userId],
    creation_content: { 'm.federate': false },
    // The bot, as a creator in this version, stands above every level and must not be named.
    room_version: '12',
    power_level_content_override: { users: { [reviewer.userId]: 50 } },
  };
}

function talkRoomOf(bot: Person): object {
  return { name: 'Talk to vagent', preset: 'trusted_private_chat', is_direct: true, invite: [bot.userId] };
}
