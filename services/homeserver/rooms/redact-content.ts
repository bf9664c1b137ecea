import type { Content } from '../content.ts';

/** What a redaction leaves, by event type, from room version 11 on. `all` keeps the content whole. */
const kept: Readonly<Record<string, readonly string[] | 'all'>> = {
  'm.room.member': ['membership', 'join_authorised_via_users_server'],
  'm.room.create': 'all',
  'm.room.join_rules': ['join_rule', 'allow'],
  'm.room.power_levels': [
    'ban',
    'events',
    'events_default',
    'invite',
    'kick',
    'redact',
    'state_default',
    'users',
    'users_default',
  ],
  'm.room.history_visibility': ['history_visibility'],
  'm.room.redaction': ['redacts'],
};

/** The content that a redacted event keeps. Source: specification, "Redactions" of room version 11. */
export function redactContent(type: string, content: Content): Content {
  const keys = kept[type] ?? [];
  if (keys === 'all') return content;
  return Object.fromEntries(Object.entries(content).filter(([key]) => keys.includes(key)));
}
