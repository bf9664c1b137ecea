/** Which rooms and people ingress listens to. */
export interface RoomPolicy {
  readonly adminRoom: string;
  /** Room ids, or `*`; empty: none but the admin room. */
  readonly allowedRooms: readonly string[];
  /** Rooms in which no mention is needed. */
  readonly openRooms: readonly string[];
  /** User ids of those who may ask why; nobody, unless they are named. */
  readonly reviewers: readonly string[];
  /**
   * `signed`: of decisions in Matrix only encrypted commands count, with the code in them, from a device that its owner
   * has signed. Default `any`.
   */
  readonly decisions?: 'any' | 'signed';
  /** See `isInviterAllowed`. */
  readonly allowedInviters: readonly string[];
  /** What begins a message that is meant for the bot, beside its name, e.g. `!ask`. */
  readonly commandPrefix?: string | undefined;
}

/** Whether one of these rooms is allowed: a room and those that it continues. */
export function isLineAllowed(line: readonly string[], policy: RoomPolicy): boolean {
  return line.some((room) => isRoomAllowed(room, policy));
}

export function isRoomAllowed(room: string, { adminRoom, allowedRooms }: RoomPolicy): boolean {
  return room === adminRoom || allowedRooms.includes('*') || allowedRooms.includes(room);
}
