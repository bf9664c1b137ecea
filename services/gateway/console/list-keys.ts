import type { RefObject } from 'preact';
import { useShortcuts } from './shortcuts.ts';

/** j and k move the focus between the elements with `data-list-item` below `list`; Enter is theirs. */
export function useListKeys(list: RefObject<HTMLElement | null>): void {
  const move = (by: 1 | -1): void => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>('[data-list-item]') ?? [])];
    const focused = items.findIndex((item) => item.contains(document.activeElement));
    const from = focused === -1 ? items.findIndex((item) => item.ariaCurrent === 'true') : focused;
    const next = from === -1 ? 0 : Math.min(items.length - 1, Math.max(0, from + by));
    items[next]?.focus();
  };
  useShortcuts([
    { keys: 'j', title: 'Next in the list', group: 'Lists', isRepeated: true, run: () => move(1) },
    { keys: 'k', title: 'Previous in the list', group: 'Lists', isRepeated: true, run: () => move(-1) },
  ]);
}
