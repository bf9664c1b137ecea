/** Why a ghost left by itself, as its membership says: it may come back; nobody has put it out. */
export const ghostLeft = 'vagent: the bot is not here any more';
