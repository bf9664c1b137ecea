/** Longer ones are no answer in a word or two. */
const longestAnswer = 300;

const lead =
  /^(?:(?:yes|yeah|yep|ok|okay|sure|well|um|hm+|hi|hello|hey|oh|ah|so|and|please|pls|no|sorry|pardon|apologies|actually|wait|oops)[\s,.:;!-]+)+/iu;
const statement =
  /^(?:i\s+(?:think|guess|believe|suppose)\s+)?(?:(?:it|this|that)(?:'s|\s+is|\s+was|\s+should\s+be|\s+would\s+be|\s+will\s+be|\s+must\s+be)|its|(?:the|my|our|its|a)\s+(?:[\w-]+\s+){1,3}(?:is|was|should\s+be|would\s+be|are)|make\s+(?:it|that)|set\s+(?:it|that)\s+to|let'?s\s+(?:say|make\s+it|take)|change\s+(?:it|that)\s+to|i\s+(?:meant?|said|am)|i'm|we\s+are|we're|here(?:'s|\s+it\s+is|\s+is)?|this\s+one)(?:[\s:,-]+(?:called|named|for|to|of|about|probably|maybe|just|only|exactly|around))*[\s:,-]+/iu;
const label = /^[\p{L}][\p{L} ]{1,30}:\s+/u;
const preposition = /^(?:for|to|of|at|about|around|called|named|just|only|exactly|probably|maybe)\s+/iu;
const trail =
  /[\s,;.!-]+(?:please|pls|plz|thanks?(?:\s+you)?|thx|sorry|i\s+(?:think|guess|believe|meant?)|instead|then|sir|ok(?:ay)?)[\s.!]*$/iu;
const edges = /^[\s"'(]+|[\s"').,;!]+$/gu;

/** What remains of an answer without the words around it: "it's acme, please" is "acme". Something always remains. */
export function stripAnswer(text: string): string {
  let rest = text.trim();
  if (rest.length > longestAnswer) return rest;
  for (const pattern of [lead, label, statement, lead, preposition, trail, trail]) {
    const shorter = rest.replace(pattern, '');
    if (shorter.replace(edges, '') !== '') rest = shorter;
  }
  const bare = rest.replace(edges, '');
  return bare === '' ? text.trim() : bare;
}
