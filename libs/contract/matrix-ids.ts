import { z } from 'zod';

/** A server name: host name, IPv4 or bracketed IPv6 address, and an optional port (Matrix spec, Appendices 3.1). */
const server = String.raw`(?:\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z.-]{1,230})(?::[0-9]{1,5})?`;
/** What the spec allows in an opaque or historical local part: any code point except a colon and NUL. */
const opaque = String.raw`[^:\u0000]`;

const roomPattern = new RegExp(`^!(?:${opaque}+:${server}|[0-9A-Za-z_-]+)$`, 'u');
const eventPattern = new RegExp(`^\\$(?:${opaque}+:${server}|[0-9A-Za-z_/+-]+)$`, 'u');
const userPattern = new RegExp(`^@${opaque}*:${server}$`, 'u');

const isShort = (id: string): boolean => Buffer.byteLength(id) <= 255;

/** Room ids up to version 11 name a server (`!opaque:server`), from version 12 on they are a hash (`!hash`). */
export const roomId = z.string().regex(roomPattern, 'not a room id').refine(isShort, 'longer than 255 bytes');
/** Event ids of room versions 1 and 2 name a server, later ones are a hash. */
export const eventId = z
  .string()
  .regex(eventPattern, 'not an event id')
  .refine(isShort, 'longer than 255 bytes');
export const userId = z.string().regex(userPattern, 'not a user id').refine(isShort, 'longer than 255 bytes');
