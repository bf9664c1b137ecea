import type { Content } from '../content.ts';
import type { Context } from '../context.ts';
import type { Membership } from './room-state.ts';

/** The content of a membership event: joins and invites carry the member's profile. */
export function memberContent(
  context: Context,
  userId: string,
  membership: Membership,
  extra: Content = {},
): Content {
  const content: Content = { membership };
  if (membership === 'join' || membership === 'invite') {
    const profile = context.database.get<{ displayname: string | null; avatar_url: string | null }>(
      'SELECT displayname, avatar_url FROM users WHERE user_id = ?',
      userId,
    );
    if (profile?.displayname) content['displayname'] = profile.displayname;
    if (profile?.avatar_url) content['avatar_url'] = profile.avatar_url;
  }
  return { ...content, ...extra };
}
