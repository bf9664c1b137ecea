import { shown } from '../../canonical.ts';

/** A field for reading: JSON over several lines, and all else as it is, with what cannot be seen as escapes. */
export function formatField(value: string): string {
  const text = /^\s*[[{]/.test(value) ? indented(value) : value;
  return text
    .split('\n')
    .map((line) => shown(line))
    .join('\n');
}

function indented(value: string): string {
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    // Broken JSON is what some letters died of.
    return value;
  }
}
