import { destination, type Logger, pino, stdTimeFunctions } from 'pino';
import { concealFields } from './conceal-fields.ts';
import { formatLine } from './format-line.ts';
import { currentLogFields } from './log-context.ts';
import { SecretScrubber } from './secret-scrubber.ts';
import { serialiseError } from './serialise-error.ts';

export interface LogOptions {
  readonly service: string;
  /** A pino level, default info. */
  readonly level?: string;
  /** `auto` (the default) is pretty on a terminal and JSON elsewhere. */
  readonly format?: 'auto' | 'json' | 'pretty';
  /** Values that are covered wherever they turn up; a scrubber of your own can learn more of them later. */
  readonly secrets?: readonly string[] | SecretScrubber;
  /** Where lines go; default stdout, written synchronously so that a kill loses none. */
  readonly output?: { write(line: string): unknown };
}

const concealed = [
  ['token', 'access_token', 'accessToken', 'as_token', 'asToken', 'hs_token', 'hsToken', 'refresh_token'],
  ['secret', 'password', 'apiKey', 'api_key', 'authorization', 'Authorization', 'cookie', 'jwt'],
  // What people and models write is nobody's business in a log.
  ['body', 'formatted_body', 'text', 'content', 'draft'],
].flat();
const cover = '[redacted]';

/**
 * The logger of a process: one JSON object per line on stdout, bound to its `service`. Secrets (by key and by
 * value) and message bodies never reach the output. Make it in main and hand it down; children add their fields, and
 * so does the work that a line belongs to (`withLogFields`).
 */
export function createLog(options: LogOptions): Logger {
  const scrubber =
    options.secrets instanceof SecretScrubber ? options.secrets : new SecretScrubber(options.secrets);
  const output = options.output ?? destination({ dest: 1, sync: true });
  const isTerminal = options.output === undefined && process.stdout.isTTY === true;
  const format = options.format ?? 'auto';
  const isPretty = format === 'pretty' || (format === 'auto' && isTerminal);
  const colours = isTerminal && process.env['NO_COLOR'] === undefined;
  const write = (line: string): void => {
    const clean = scrubber.scrubJson(line);
    output.write(isPretty ? formatLine(clean, { colours }) : clean);
  };
  const hidden = new Set(concealed);
  // Serializers reach the fields of children, which the formatter does not see.
  const coverings = Object.fromEntries(concealed.map((key) => [key, () => cover]));
  return pino(
    {
      level: options.level ?? 'info',
      base: { service: options.service },
      timestamp: stdTimeFunctions.isoTime,
      mixin: currentLogFields,
      formatters: {
        level: (label) => ({ level: label }),
        // Pino's own `redact` needs a path for each depth, and then costs ten times as much.
        log: (fields) => concealFields(fields, hidden, cover),
      },
      serializers: { ...coverings, err: plainError, error: plainError },
    },
    { write },
  );
}

function plainError(value: unknown): unknown {
  return value instanceof Error ? serialiseError(value) : value;
}
