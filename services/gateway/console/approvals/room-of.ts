/**
 * The room of a session id, in words where no homeserver has it. As `parseSessionId` of the contract reads it, which says
 * why `:@` is where the user begins and `:$` where a thread does.
 */
export function roomOf(session: string): string {
  const userAt = session.indexOf(':@');
  if (userAt < 0) return session;
  const place = session.slice(0, userAt);
  const threadAt = place.indexOf(':$');
  const room = place.slice(0, threadAt < 0 ? -':main'.length : threadAt);
  return room.endsWith(':gateway.invalid') ? 'over HTTP' : room;
}
