import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

export interface Shortcut {
  /** One key, or two in a row: `g i`. As `KeyboardEvent.key` names them; `mod+k` is Ctrl or Cmd. */
  readonly keys: string;
  readonly title: string;
  readonly group: string;
  /** Again and again while it is held down. Else once: what comes next is another thing to decide on. */
  readonly isRepeated?: boolean;
  run(): void;
}

/** All that work at this moment, for the page that explains them. The last ones win. */
export const shortcuts = signal<readonly Shortcut[]>([]);

/** These keys work while the component is shown. `run` may change from one rendering to the next. */
export function useShortcuts(own: readonly Shortcut[]): void {
  const newest = useRef(own);
  newest.current = own;
  const names = own.map(({ keys }) => keys).join(',');
  useEffect(() => {
    const added = newest.current.map((shortcut, index) => ({
      ...shortcut,
      run: () => newest.current[index]?.run(),
    }));
    shortcuts.value = [...shortcuts.peek(), ...added];
    return () => {
      shortcuts.value = shortcuts.peek().filter((one) => !added.includes(one));
    };
  }, [names]);
}

const sequenceMs = 1_200;
let first = '';
let firstAt = 0;

/** Listens for the whole page, once. Keys that are typed into a field are the field's. */
export function listenForShortcuts(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.altKey) return;
    const isModified = event.ctrlKey || event.metaKey;
    if (!isModified && isTyping(event.target)) return;
    const key = isModified ? `mod+${event.key.toLowerCase()}` : event.key;
    const isSecond = first !== '' && event.timeStamp - firstAt < sequenceMs;
    const found =
      (isSecond ? find(`${first} ${key}`) : undefined) ??
      (isInDialog(event.target, key) ? undefined : find(key));
    first = isModified || found !== undefined ? '' : key;
    firstAt = event.timeStamp;
    if (found === undefined) return;
    event.preventDefault();
    if (!event.repeat || found.isRepeated === true) found.run();
  });
}

function find(keys: string): Shortcut | undefined {
  return shortcuts.peek().findLast((shortcut) => shortcut.keys === keys);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  );
}

/** A dialog is open over the page: the page's keys rest, but for those with Ctrl or Cmd. */
function isInDialog(target: EventTarget | null, key: string): boolean {
  return !key.startsWith('mod+') && target instanceof HTMLElement && target.closest('dialog') !== null;
}
