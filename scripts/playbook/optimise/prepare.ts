import { createHash } from 'node:crypto';
import { knownNames } from '#agents/known-names';
import { createTools } from '#agents/tools/create-tools';
import { checkTests } from '#playbook/check-tests';
import { PlaybookError } from '#playbook/errors';
import { examinePlaybook } from '#playbook/examine-playbook';
import type { LoadOptions } from '#playbook/load-options';
import type { Playbook } from '#playbook/playbook';
import type { PlaybookFiles } from '#playbook/playbook-files';
import { readPlaybookFiles } from '#playbook/read-playbook-files';
import { createProtect } from '#privacy/create-protect';
import type { Environment } from '#runtime/read-config';
import { CommandError } from '../../cli/errors.ts';
import { readDialogues } from '../read-dialogues.ts';
import { createRandom, shuffled } from './create-random.ts';
import { explainTooFew } from './explain-too-few.ts';
import { knownWords } from './find-conflicts.ts';
import type { LabelledCase } from './labelled-case.ts';
import { playCases } from './play-cases.ts';
import { readCases } from './read-cases.ts';
import { type Split, splitCases } from './split-cases.ts';
import { keyOf } from './words-of.ts';

export interface Prepared {
  readonly files: PlaybookFiles;
  readonly playbook: Playbook;
  readonly load: LoadOptions;
  readonly cases: readonly LabelledCase[];
  readonly split: Split;
}

export interface PrepareOptions {
  readonly dir: string;
  /** More files of labelled messages. */
  readonly more: readonly string[];
  readonly withDialogues: boolean;
  readonly seed: number;
  readonly isOffline: boolean;
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/** Every pair of messages is compared once; with more, some of them are left out by chance. */
const mostCases = 3_000;
/** Nobody is asked anything here; a playbook without reviewers of its own has to be readable all the same. */
const reviewers = ['@reviewer:example.org'];
/** Placeholders are the same in every run, so that a seed says all. */
const placeholderKey = createHash('sha256').update('optimise').digest();

/**
 * Reads a playbook's folder with its labelled cases, and splits them.
 *
 * @throws {PlaybookError} with every mistake in it.
 * @throws {CommandError} where there are too few cases.
 */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { dir, more, seed, isOffline, env, signal } = options;
  const files = await readPlaybookFiles(dir);
  const load = { reviewers, code: knownNames(createTools({ recordsUrl: undefined })) };
  const { playbook, problems } = examinePlaybook(files, load);
  const all = [...problems, ...checkTests(files, playbook)];
  if (playbook === undefined || all.length > 0) throw new PlaybookError(dir, all);
  const protect = createProtect({ policy: playbook.policies.privacy, key: placeholderKey });
  const messages = await readCases(more, { files, playbook, protect });
  const dialogues = options.withDialogues ? await readDialogues(dir) : [];
  const turns = dialogues.length === 0 ? [] : await playCases(dir, dialogues, { env, signal });
  const found = [...messages, ...turns];
  const cases =
    found.length > mostCases ? shuffled(found, createRandom('cases', seed)).slice(0, mostCases) : found;
  const known = isOffline
    ? knownWords(files)
    : new Set(playbook.prompt.examples.map(({ text }) => keyOf(text)));
  const split = splitCases(cases, seed, (words) => known.has(words));
  const tooFew = explainTooFew(split);
  if (tooFew !== undefined) throw new CommandError(tooFew);
  return { files, playbook, load, cases, split };
}
