/**
 * What our records have in common, for `zip-text.ts`: names and usual values, no content of anybody. The most frequent stands
 * last, where references to it are shortest. Never change a byte of it, not even by formatting: what was zipped with it could
 * not be read any more. Another dictionary is another mark.
 */
const parts = [
  '"kind":"security","kind":"review","kind":"switch","kind":"flow","kind":"tool","kind":"agent","kind":"model",',
  '"status":"failed","status":"refused","status":"proposed","status":"needs_person","status":"drafted","detail":"',
  '{"model":"","inputTokens":,"outputTokens":,"cost":0.}{"id":"","actions":["',
  '"cause":"approval.decided","cause":"approval.expired","cause":"session.reset","cause":"session.closed",',
  '"cause":"timer.fired","cause":"feedback.given","cause":"message.edited","about":"',
  '"outcome":"waiting","outcome":"no_reply","urgency":"high","tone":"frustrated","risk":"low",',
  '{"v":4,"id":"1f1","ts":"20","channel_versions":{"__start__":,"turn":,"branch:to:consult":,"branch:to:converse":,',
  '"open":,"output":,"messages":,"pending":,"situation":},"versions_seen":{"__input__":{},"__start__":{"__start__":},',
  '"converse":{"branch:to:converse":},"consult":{"branch:to:consult":}}}{"source":"loop","step":,"parents":{}}',
  '{"dialogue":{"stack":[{"flow":"","step":"","slots":{"","awaiting":{"kind":"slot","slot":"","parked":[]},"version":',
  'null,"takeover":null,"topics":[],"memories":[]}[{"role":"user","text":"\\n\\n"},{"role":"assistant","text":"**"}]',
  '{"turn":"$","session":"!:main:@","partition":,"cause":"message.received","entry":"17-0","appendedAt":"20Z",',
  '"startedAt":"20Z","tookMs":,"attempt":1,"worker":"worker-~z","epoch":,"outcome":"replied","trace":"00--01",',
  '"trace":null,"playbook":"","graph":1,"understood":{"by":"examples","commands":["start_flow ()","digress question ()"],',
  '"topics":[""],"urgency":"normal","tone":"neutral","risk":"none","confidence":0.9},"route":[""],"speaker":"",',
  '"state":{"flow":null,"step":null,"awaiting":null,"paused":[]},"steps":[{"kind":"understand","name":"message",',
  '"status":"done","startMs":,"tookMs":},{"kind":"aside","name":"question","status":"answered","startMs":,"tookMs":}],',
  '"approvals":[],"cancelled":[],"usage":[],"cost":0,"replies":["$"]}',
];

export const zipDictionary = Buffer.from(parts.join(''));
