import type { Remembered } from './memory.ts';

/** Memories kept of a person, and of an organisation; the oldest go. */
export const mostMemories = 50;

const longestSummary = 500;
const mostTopics = 10;
const longestTopic = 100;

/** A memory within bounds, its time in the one form that sorts; one without a readable time is of now. */
export function boundMemory(memory: Remembered): Remembered {
  const time = Date.parse(memory.at);
  return {
    ...memory,
    summary: memory.summary.slice(0, longestSummary).toWellFormed(),
    topics: memory.topics.slice(0, mostTopics).map((topic) => topic.slice(0, longestTopic).toWellFormed()),
    at: new Date(Number.isNaN(time) ? Date.now() : time).toISOString(),
  };
}
