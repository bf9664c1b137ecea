const levels: Readonly<Record<string, readonly [label: string, colour: number]>> = {
  trace: ['TRACE', 90],
  debug: ['DEBUG', 90],
  info: ['INFO ', 32],
  warn: ['WARN ', 33],
  error: ['ERROR', 31],
  fatal: ['FATAL', 35],
};
const shownElsewhere = new Set(['level', 'time', 'service', 'msg', 'err', 'pid', 'hostname']);

/**
 * One log line of JSON as one line for people: `12:03:04.123 INFO  worker  message  key=value`, the stack of an
 * error below it. What is no JSON object is returned as it is.
 */
export function formatLine(json: string, options: { colours: boolean }): string {
  const line = parse(json);
  if (line === undefined) return json;
  const paint = (text: string, colour: number) =>
    options.colours ? `\u001b[${colour}m${text}\u001b[0m` : text;
  const [label, colour] = levels[String(line['level'])] ?? [String(line['level']), 0];
  const rest = Object.entries(line)
    .filter(([key]) => !shownElsewhere.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`)
    .map(escapeControls);
  const time = String(line['time'] ?? '').replace(/^.*T(.*)Z$/, '$1');
  const head = [time, paint(label, colour), line['service'], escapeControls(String(line['msg'] ?? ''))];
  const words = [...head.map((part) => String(part ?? '')), paint(rest.join(' '), 90)];
  return `${words.filter((word) => word !== '').join('  ')}\n${errorBelow(line['err'])}`;
}

function parse(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function quoted(value: string): string {
  return /^[^\s"=\p{C}]+$/u.test(value) ? value : JSON.stringify(value);
}

/** Text of strangers must not steer the terminal. */
function escapeControls(text: string): string {
  return text.replace(/\p{C}/gu, (sign) => `\\u{${sign.codePointAt(0)?.toString(16)}}`);
}

function errorBelow(err: unknown, prefix = ''): string {
  if (typeof err !== 'object' || err === null) return '';
  const { stack, message, cause } = { stack: undefined, message: undefined, cause: undefined, ...err };
  const text = `${prefix}${String(stack ?? message ?? JSON.stringify(err))}`;
  const lines = text.split('\n').map((line) => `    ${escapeControls(line)}\n`);
  return lines.join('') + errorBelow(cause, 'caused by: ');
}
