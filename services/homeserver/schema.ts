/**
 * Everything that Synapse keeps in its database: it survives a restart when the homeserver has a data folder.
 * `events.pos` is the one order of all events; `streams` counts receipts, account data and typing.
 */
export const schema = `
CREATE TABLE IF NOT EXISTS users (
  user_id TEXT PRIMARY KEY, password TEXT, displayname TEXT, avatar_url TEXT, appservice TEXT,
  admin INTEGER NOT NULL, created_ts INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS devices (
  user_id TEXT NOT NULL, device_id TEXT NOT NULL, display_name TEXT, PRIMARY KEY (user_id, device_id)) STRICT;
CREATE TABLE IF NOT EXISTS access_tokens (
  token TEXT PRIMARY KEY, user_id TEXT NOT NULL, device_id TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS access_tokens_by_device ON access_tokens (user_id, device_id);
CREATE TABLE IF NOT EXISTS rooms (
  room_id TEXT PRIMARY KEY, version TEXT NOT NULL, creator TEXT NOT NULL, last_pos INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS aliases (alias TEXT PRIMARY KEY, room_id TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS events (
  pos INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE, room_id TEXT NOT NULL, type TEXT NOT NULL,
  state_key TEXT, sender TEXT NOT NULL, content TEXT NOT NULL, origin_server_ts INTEGER NOT NULL, redacts TEXT,
  redacted_by TEXT, replaces_state TEXT, rel_type TEXT, parent_id TEXT, rel_key TEXT, device_id TEXT,
  txn_id TEXT) STRICT;
CREATE INDEX IF NOT EXISTS events_by_room ON events (room_id, pos);
CREATE INDEX IF NOT EXISTS events_by_state ON events (room_id, type, state_key, pos) WHERE state_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS events_by_parent ON events (parent_id, rel_type, pos) WHERE parent_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS current_state (
  room_id TEXT NOT NULL, type TEXT NOT NULL, state_key TEXT NOT NULL, pos INTEGER NOT NULL,
  PRIMARY KEY (room_id, type, state_key)) STRICT;
CREATE TABLE IF NOT EXISTS members (
  room_id TEXT NOT NULL, user_id TEXT NOT NULL, membership TEXT NOT NULL, pos INTEGER NOT NULL,
  forgotten INTEGER NOT NULL, PRIMARY KEY (room_id, user_id)) STRICT;
CREATE INDEX IF NOT EXISTS members_by_user ON members (user_id, membership);
CREATE TABLE IF NOT EXISTS event_txns (
  room_id TEXT NOT NULL, user_id TEXT NOT NULL, device_id TEXT NOT NULL, txn_id TEXT NOT NULL,
  event_id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (room_id, user_id, device_id, txn_id)) STRICT;
CREATE TABLE IF NOT EXISTS account_data (
  user_id TEXT NOT NULL, room_id TEXT NOT NULL, type TEXT NOT NULL, content TEXT NOT NULL, stream INTEGER NOT NULL,
  PRIMARY KEY (user_id, room_id, type)) STRICT;
CREATE TABLE IF NOT EXISTS receipts (
  room_id TEXT NOT NULL, user_id TEXT NOT NULL, type TEXT NOT NULL, thread_id TEXT NOT NULL, event_id TEXT NOT NULL,
  ts INTEGER NOT NULL, stream INTEGER NOT NULL, PRIMARY KEY (room_id, user_id, type, thread_id)) STRICT;
CREATE INDEX IF NOT EXISTS receipts_by_stream ON receipts (room_id, stream);
CREATE TABLE IF NOT EXISTS filters (
  filter_id INTEGER PRIMARY KEY AUTOINCREMENT, user_id TEXT NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS media (
  media_id TEXT PRIMARY KEY, uploader TEXT NOT NULL, content_type TEXT NOT NULL, filename TEXT,
  bytes BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS appservice_queue (
  appservice TEXT NOT NULL, pos INTEGER NOT NULL, PRIMARY KEY (appservice, pos)) STRICT;
CREATE TABLE IF NOT EXISTS appservice_txns (
  appservice TEXT PRIMARY KEY, last_txn INTEGER NOT NULL, in_flight TEXT) STRICT;
CREATE TABLE IF NOT EXISTS device_keys (
  user_id TEXT NOT NULL, device_id TEXT NOT NULL, keys TEXT NOT NULL, PRIMARY KEY (user_id, device_id)) STRICT;
CREATE TABLE IF NOT EXISTS one_time_keys (
  user_id TEXT NOT NULL, device_id TEXT NOT NULL, key_id TEXT NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (user_id, device_id, key_id)) STRICT;
CREATE TABLE IF NOT EXISTS fallback_keys (
  user_id TEXT NOT NULL, device_id TEXT NOT NULL, algorithm TEXT NOT NULL, key_id TEXT NOT NULL, body TEXT NOT NULL,
  used INTEGER NOT NULL, PRIMARY KEY (user_id, device_id, algorithm)) STRICT;
CREATE TABLE IF NOT EXISTS cross_signing_keys (
  user_id TEXT NOT NULL, usage TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (user_id, usage)) STRICT;
CREATE TABLE IF NOT EXISTS device_list_changes (user_id TEXT PRIMARY KEY, stream INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS to_device (
  stream INTEGER PRIMARY KEY, user_id TEXT NOT NULL, device_id TEXT NOT NULL, message TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS to_device_by_device ON to_device (user_id, device_id, stream);
CREATE TABLE IF NOT EXISTS streams (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
`;
