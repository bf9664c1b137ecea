/** Signs in the words of a text that no amount of likelihood overrules. */

const asks =
  /^(?:(?:hi|hello|hey|ok|okay|so|and|but|well|um|sorry|excuse me|quick question|question|just wondering|i wonder|please tell me|tell me|can you (?:please )?(?:tell|explain)(?: to)?(?: me)?|could you (?:please )?(?:tell|explain)(?: to)?(?: me)?|do you know|i(?:'d| would) like to know|i want to know|may i ask|can i ask)[\s,.:!-]+)*(?:how|what|what's|whats|where|when|who|whom|which|why|whether|if)\b(?! about (?:a|the|my) refund for)/iu;
const possible =
  /^(?:is (?:it|there)|are there|does|do you (?:charge|offer|have|refund|support|give|know)|do (?:i|we) (?:get|have|need)|is (?:a|the|my)|are (?:my|the|our))\b/iu;

/** A verb before its subject asks, even where the mark was left out. */
const inverted =
  /^(?:(?:is|are|was|were|does|did|has)\s+\S+\s+\S+|should\s+(?:i|we)\b|(?:may|can|could|should|will|would|must)\s+(?:an?|one|any(?:one|body)|every(?:one|body))\s)/iu;

const explains =
  /^(?:(?:please|pls|can you|could you|i(?:'d| would)? (?:like|want) to|i want you to)\s+)*(?:explain|describe|understand|tell me (?:more )?about|learn|read about|i (?:have )?read about|i heard (?:about|of))\b/iu;

/** Whether a sentence asks about something, so that it never starts anything. */
export function isAboutQuestion(sentence: string): boolean {
  return (
    asks.test(sentence) ||
    explains.test(sentence) ||
    inverted.test(sentence) ||
    (possible.test(sentence) && /\?\s*$/.test(sentence))
  );
}

const declined = /^no\s+\S+\s+(?:please|thanks|thank you|needed|necessary)\b/iu;
const negated =
  /^(?:(?:please|no|but|and|ok|well|so)[\s,]+)*(?:(?:do not|don't|dont|never|i (?:do not|don't|dont|didn't|did not|never|no longer)|we (?:do not|don't|dont|didn't|did not|no longer)|i am not|i'm not|im not|not)\b(?!\s+(?:have|know|see|receive|get|remember|understand|work|recogni[sz]e|find)))/iu;

/** Whether a sentence says that something is not wanted. */
export function isNegated(sentence: string): boolean {
  return negated.test(sentence) || declined.test(sentence);
}

const reported =
  /\b(?:said|says|told me|tells me|wrote|writes|asked|quote|the (?:mail|page|message|docs?|manual) says?)\s*[:,]?\s*(?:["']|that |to |:|please)/iu;

/** Whether a sentence repeats what somebody else said. */
export function isReported(sentence: string): boolean {
  return reported.test(sentence);
}

const done =
  /^(?:i|we|you|he|she|they|some(?:one|body)|(?:my|our|your)\s+\S+)\s+(?:(?:have|has|already)\s+)*(?:deleted|erased|removed|wiped|raised|increased|reset|refunded|revoked|asked|requested)\b/iu;
const wanted = /\b(?:please|pls|plz|kindly|want|need|can|could|now|again|undo)\b/iu;
const when = /\b(?:yesterday|already|ago|last\s+(?:week|month|year|time))\b/iu;

/** Whether a sentence only tells what was done before. */
export function isPast(sentence: string): boolean {
  return done.test(sentence) && when.test(sentence) && !wanted.test(sentence);
}

const corrects =
  /^(?:(?:oh|ah|hm+|ok|okay|um)[\s,.!-]+)*(?:(?:no|nope|wait|sorry|pardon|apologies|my apologies|forgive me|excuse me|argh|damn|my fault|oops|ups|actually|correction|hold on|my bad|my mistake|typo|scratch that|rather)\b[\s,.:!-]|(?:not|i mean|i meant|i mistyped|i misspelled|it (?:should|must|ought to) be|let me correct|i made a (?:mistake|typo)|i (?:gave|entered|wrote|typed|told|said)\b.*\b(?:wrong|incorrect)|(?:please |can you |could you |i want to |i need to |i have to |let me |i'd like to )*(?:change|correct|replace|update|edit|fix|amend|adjust|revise)\b)|that(?:'s| is| was) (?:wrong|not right|not correct|incorrect))|\binstead\b(?! of paying)|\b(?:is|was|were) (?:wrong|incorrect|not right|not correct)\b|\bi meant\b|\bi mean\b|\bnot .{1,40}\bbut\b|,\s*not\s+\S+|\bthe (?:right|correct|wrong) (?:one|\w+)\b|\bwrong (?:one|number|invoice|amount|organi[sz]ation|project|user\s?name|limit|reason|token|account)\b/iu;

/** Whether a text takes something back that was said. */
export function isCorrection(text: string): boolean {
  return corrects.test(text);
}
