const around = 1;
/** Beyond it the middle of two files is shown as a whole. */
const mostCells = 4_000_000;

interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
  /** In the old file, and in the new one, counted from 1. */
  readonly old: number;
  readonly new: number;
}

/** What differs between two versions of a file, in hunks of a unified diff with a line of context. */
export function diffLines(file: string, before: string, after: string): string {
  if (before === after) return '';
  const lines = compareLines(linesOf(before), linesOf(after));
  const shown = lines.map((_, index) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ sign }) => sign !== ' '),
  );
  const out = [`--- ${before === '' ? '/dev/null' : file}`, `+++ ${file}`];
  for (const [index, line] of lines.entries()) {
    if (shown[index] !== true) continue;
    if (shown[index - 1] !== true) out.push(headOf(lines, shown, index));
    out.push(`${line.sign}${line.text}`);
  }
  return `${out.join('\n')}\n`;
}

function headOf(lines: readonly Line[], shown: readonly boolean[], from: number): string {
  const end = shown.indexOf(false, from);
  const hunk = lines.slice(from, end < 0 ? lines.length : end);
  const [first] = hunk;
  const olds = hunk.filter(({ sign }) => sign !== '+').length;
  const news = hunk.filter(({ sign }) => sign !== '-').length;
  const place = (line: number | undefined, count: number): string =>
    `${count === 0 ? 0 : (line ?? 1)},${count}`;
  return `@@ -${place(first?.old, olds)} +${place(first?.new, news)} @@`;
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function compareLines(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0;
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head += 1;
  let tail = 0;
  while (
    tail < Math.min(before.length, after.length) - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail += 1;
  const old = before.slice(head, before.length - tail);
  const fresh = after.slice(head, after.length - tail);
  const signs: [Line['sign'], string][] = [
    ...before.slice(0, head).map((text): [Line['sign'], string] => [' ', text]),
    ...middle(old, fresh),
    ...before.slice(before.length - tail).map((text): [Line['sign'], string] => [' ', text]),
  ];
  let [oldLine, newLine] = [1, 1];
  return signs.map(([sign, text]) => {
    const line = { sign, text, old: oldLine, new: newLine };
    if (sign !== '+') oldLine += 1;
    if (sign !== '-') newLine += 1;
    return line;
  });
}

/** By the longest common subsequence. */
function middle(old: readonly string[], fresh: readonly string[]): [Line['sign'], string][] {
  if (old.length * fresh.length > mostCells)
    return [
      ...old.map((text): ['-', string] => ['-', text]),
      ...fresh.map((text): ['+', string] => ['+', text]),
    ];
  const width = fresh.length + 1;
  const common = new Uint32Array((old.length + 1) * width);
  for (let a = old.length - 1; a >= 0; a--) {
    for (let b = fresh.length - 1; b >= 0; b--) {
      common[a * width + b] =
        old[a] === fresh[b]
          ? (common[(a + 1) * width + b + 1] ?? 0) + 1
          : Math.max(common[(a + 1) * width + b] ?? 0, common[a * width + b + 1] ?? 0);
    }
  }
  const out: [Line['sign'], string][] = [];
  let [a, b] = [0, 0];
  while (a < old.length || b < fresh.length) {
    const [one, other] = [old[a], fresh[b]];
    if (one !== undefined && one === other) {
      out.push([' ', one]);
      a += 1;
      b += 1;
    } else if (
      one !== undefined &&
      (other === undefined || (common[(a + 1) * width + b] ?? 0) >= (common[a * width + b + 1] ?? 0))
    ) {
      out.push(['-', one]);
      a += 1;
    } else {
      out.push(['+', other ?? '']);
      b += 1;
    }
  }
  return out;
}
