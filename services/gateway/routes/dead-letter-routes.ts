import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type DeadLetter, fieldOf, replayObstacle } from '#operations/dead-letters/dead-letter';
import { findDeadLetter, letterName, listDeadLetters } from '#operations/dead-letters/find-dead-letters';
import { settleDeadLetter } from '#operations/dead-letters/settle-dead-letter';
import { ConflictError } from '#operations/errors';
import type { Transport } from '#streams/open-transport';
import { deadLetter, deadLetterList, settleAnswer, settleRequest } from '../api/resources.ts';
import type { RouteDeps } from '../route-deps.ts';
import { tellReplay } from './tell-replay.ts';

type LetterDeps = Pick<RouteDeps, 'transport' | 'authentication'>;
type Shown = z.output<typeof deadLetter>;
type Answer = z.output<typeof settleAnswer>;

/** Somebody may have written a large entry by hand: more than this tells nobody more. */
const mostCharacters = 4_000;
const params = z.object({ letter: z.string().max(64) });

/** What was given up: looking at it, and handling it again or forgetting it, with a line in the audit. */
export function deadLetterRoutes(server: FastifyInstance, { transport, authentication }: LetterDeps): void {
  const app = server.withTypeProvider<ZodTypeProvider>();
  const preValidation = authentication.guard('viewer');

  app.get(
    '/api/v1/dead-letters',
    {
      preValidation,
      schema: {
        querystring: z.strictObject({ count: z.coerce.number().int().min(1).max(500).default(100) }),
        response: { 200: deadLetterList },
      },
    },
    async ({ query: { count } }) => {
      const letters = await listDeadLetters(transport, count);
      return { letters: letters.map((letter) => toShown(transport, letter)) };
    },
  );

  app.get(
    '/api/v1/dead-letters/:letter',
    { preValidation, schema: { params, response: { 200: deadLetter } } },
    async ({ params: { letter } }) => toShown(transport, await findDeadLetter(transport, letter)),
  );

  for (const how of ['replay', 'drop'] as const) {
    app.post(
      `/api/v1/dead-letters/:letter/${how}`,
      {
        preValidation: authentication.guard('operator'),
        schema: { params, body: settleRequest.strict(), response: { 200: settleAnswer } },
      },
      async ({ caller, params: { letter }, body: { dry_run: isDry } }) =>
        settle(transport, await findDeadLetter(transport, letter), { how, by: caller.user, isDry }),
    );
  }
}

async function settle(
  transport: Transport,
  letter: DeadLetter,
  { how, by, isDry }: { how: 'replay' | 'drop'; by: string; isDry: boolean },
): Promise<Answer> {
  const name = letterName(letter);
  const obstacle = how === 'replay' ? replayObstacle(letter) : undefined;
  if (obstacle !== undefined) throw new ConflictError(`Dead letter ${name} cannot be replayed: ${obstacle}`);
  if (isDry) {
    const what = how === 'replay' ? await tellReplay(transport, letter) : 'Would be forgotten, for good.';
    return { letter: name, done: false, what };
  }
  const entryId = await settleDeadLetter(transport, letter, { how, by });
  const what = how === 'replay' ? `Is entry ${entryId} of ${letter.stream} now` : 'Is gone';
  return { letter: name, done: true, what };
}

function toShown({ openBody }: Transport, letter: DeadLetter): Shown {
  const { partition, stage, reason, attempts, stream, original } = letter;
  return {
    letter: letterName(letter),
    partition,
    at: new Date(letter.at).toISOString(),
    stage,
    reason,
    attempts,
    type: (fieldOf(original, 'type') ?? '?').slice(0, 64),
    session: fieldOf(original, 'session') ?? null,
    stream: stream ?? null,
    obstacle: replayObstacle(letter) ?? null,
    fields: pairs(original).map(([name, value]) => ({
      name: name.slice(0, 100),
      value: shorten(['body', 'raw'].includes(name) ? openOrTell(openBody, value) : value),
    })),
  };
}

function shorten(text: string): string {
  if (text.length <= mostCharacters) return text;
  return `${text.slice(0, mostCharacters)}… (${text.length - mostCharacters} more characters)`;
}

/** A body that does not open is part of what the letter is about. */
function openOrTell(openBody: (sealed: string) => string, sealed: string): string {
  try {
    return openBody(sealed);
  } catch (error) {
    return `${sealed} (${error instanceof Error ? error.message : String(error)})`;
  }
}

/** What is not text shows as replacement characters; "vagent dead show --json" has the bytes. */
function pairs(flat: readonly Buffer[]): [string, string][] {
  return flat.flatMap((name, index) =>
    index % 2 === 0 ? [[String(name), String(flat[index + 1] ?? '')]] : [],
  );
}
