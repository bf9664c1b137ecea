import type { AgentSpec, Sop } from './agent-spec.ts';
import type { FlowSpec } from './flow-spec.ts';
import type { Policies, ToolPolicy } from './policies.ts';
import type { LabelledMessage } from './schemas/labelled-file.ts';

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

/** Messages that are about the conversation itself, for understanding without a model. */
export interface TalkExamples {
  readonly affirm: readonly string[];
  readonly deny: readonly string[];
  readonly cancel: readonly string[];
  readonly resume: readonly string[];
  readonly why: readonly string[];
  readonly help: readonly string[];
  readonly status: readonly string[];
  readonly hand_off: readonly string[];
  readonly greeting: readonly string[];
  readonly thanks: readonly string[];
  /** Chat about anything else: small talk. */
  readonly chat: readonly string[];
  /** Corrections; `{slot}` stands for any value. */
  readonly correct: readonly string[];
  /** Questions and problems that are for nobody here. */
  readonly unknown: readonly string[];
  /** Messages that are too vague to act upon. */
  readonly vague: readonly string[];
}

/** Examples of the analysis, for understanding without a model. */
export interface AnalysisExamples {
  /** By risk category, `none` included. */
  readonly risks: Readonly<Record<string, readonly string[]>>;
  readonly urgencies: Readonly<Record<string, readonly string[]>>;
  readonly tones: Readonly<Record<string, readonly string[]>>;
}

/** What a model is shown beside flows and agents when it understands a message; without one it counts for nothing. */
export interface UnderstandingPrompt {
  readonly instructions?: string | undefined;
  /** Messages with what is right for them. */
  readonly examples: readonly LabelledMessage[];
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
  readonly agents: ReadonlyMap<string, AgentSpec>;
  readonly flows: ReadonlyMap<string, FlowSpec>;
  readonly sops: ReadonlyMap<string, Sop>;
  readonly talk: TalkExamples;
  readonly analysis: AnalysisExamples;
  readonly prompt: UnderstandingPrompt;
  /** Names of all tools that something in the playbook may use. */
  readonly tools: ReadonlySet<string>;
  /** For every tool in `tools`, and those that vagent brings by itself. */
  readonly toolPolicies: ReadonlyMap<string, ToolPolicy>;
  /** Tools that a room may use, by room id; a room that is not named may use all. */
  readonly roomTools: ReadonlyMap<string, ReadonlySet<string>>;
  readonly mcp: ReadonlyMap<string, McpServer>;
  readonly policies: Policies;
  /** In the format of flagd; the text of `flags.json`. */
  readonly flags: string;
}

/** A server of the Model Context Protocol, and the tools of it that are on. */
export interface McpServer {
  readonly name: string;
  readonly transport:
    | { readonly kind: 'stdio'; readonly command: string; readonly args: readonly string[] }
    | { readonly kind: 'http'; readonly url: string };
  /** Environment variables that it gets (stdio), or headers whose values are taken from them (http). */
  readonly secrets: Readonly<Record<string, string>>;
  readonly tools: ReadonlyMap<string, McpTool>;
}

export interface McpTool {
  readonly risk: 'low' | 'medium' | 'high';
  readonly isRepeatable: boolean;
  readonly timeoutMs: number;
  readonly attempts: number;
  /** Longest result in characters. */
  readonly longestResult: number;
}
