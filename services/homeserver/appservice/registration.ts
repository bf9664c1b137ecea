import { parse } from 'yaml';
import { z } from 'zod';

const namespace = z.object({ exclusive: z.boolean().default(false), regex: z.string() });

/** Loose, so that a file's unstable fields reach a real homeserver, too. */
const registration = z.looseObject({
  id: z.string().min(1),
  url: z.string().nullable(),
  as_token: z.string().min(1),
  hs_token: z.string().min(1),
  sender_localpart: z.string().min(1),
  rate_limited: z.boolean().default(true),
  receive_ephemeral: z.boolean().default(false),
  'de.sorunome.msc2409.push_ephemeral': z.boolean().default(false),
  namespaces: z
    .object({
      users: z.array(namespace).default([]),
      aliases: z.array(namespace).default([]),
      rooms: z.array(namespace).default([]),
    })
    .prefault({}),
});

/** An application service registration, as the Application Service API defines the file. */
export type AppserviceRegistration = z.infer<typeof registration>;

/** Reads a registration file's YAML; throws with the fields that are wrong. */
export function parseRegistration(text: string): AppserviceRegistration {
  return registration.parse(parse(text));
}

/** Checks a registration given as an object, and fills in its defaults. */
export function toRegistration(value: z.input<typeof registration>): AppserviceRegistration {
  return registration.parse(value);
}

/** Whether the user is the appservice's own sender or in its user namespaces. */
export function ownsUser(service: AppserviceRegistration, userId: string, serverName: string): boolean {
  if (userId === `@${service.sender_localpart}:${serverName}`) return true;
  return service.namespaces.users.some(({ regex }) => new RegExp(`^(?:${regex})`).test(userId));
}

/** Whether the appservice named this room in its room namespaces. */
export function ownsRoom(service: AppserviceRegistration, roomId: string): boolean {
  return service.namespaces.rooms.some(({ regex }) => new RegExp(`^(?:${regex})`).test(roomId));
}
