import type { ApprovalPolicy, Risk } from '#contract/approval';
import type { Phrase } from './parse-phrase.ts';

/** A section of the knowledge: what is searched, and what an answer quotes. */
export interface Passage {
  readonly id: string;
  readonly file: string;
  /** Of its heading, counted from 1. */
  readonly line: number;
  /** The document's title, e.g. `Two-factor authentication`. */
  readonly title: string;
  /** The headings below the title, outermost first; empty for the text right under it. */
  readonly headings: readonly string[];
  /** How an answer names it: `Two-factor authentication › Reset your 2FA`. */
  readonly source: string;
  /** Markdown, without its heading. */
  readonly text: string;
  /** Other words that people use for the document's subject. */
  readonly keywords: readonly string[];
}

export type SlotType = 'text' | 'number' | 'boolean';

/** How a request for a tool is recognised without a model. */
export interface ToolPhrases {
  readonly tool: string;
  readonly phrases: readonly Phrase[];
  readonly slots: ReadonlyMap<string, SlotType>;
  /** A request as a person would write it; shown when something is missing. */
  readonly example: string | undefined;
}

/** Who decides about a tool's actions, and how long they have. */
export interface ToolPolicy {
  readonly risk: Risk;
  readonly policy: ApprovalPolicy;
  readonly expiresInSeconds: number;
}

/** Phrases that are about the conversation itself, and the polite words around any request. */
export interface TalkPhrases {
  readonly cancel: readonly Phrase[];
  readonly status: readonly Phrase[];
  readonly greeting: readonly Phrase[];
  readonly thanks: readonly Phrase[];
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** What this bot does and knows: a folder, read and checked as a whole. */
export interface Playbook {
  readonly name: string;
  /** How the bot presents itself to a model: role, tone, limits. */
  readonly persona: string;
  /** Markdown. */
  readonly greeting: string;
  /** How to reach a person where the bot cannot help, Markdown. */
  readonly human: string;
  /** Digest of all files: another version, another content. */
  readonly version: string;
  readonly passages: readonly Passage[];
  readonly talk: TalkPhrases;
  /** The tools that are switched on, by name. */
  readonly tools: ReadonlyMap<string, ToolPhrases>;
  /** For every tool that is switched on. */
  readonly policies: ReadonlyMap<string, ToolPolicy>;
}
