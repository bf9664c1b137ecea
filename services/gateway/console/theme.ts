import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const kept = 'vagent.theme';

export const theme = signal<Theme>(read());

/** Shows the theme that was chosen, now and at each change, and keeps it for the next visit. */
export function followTheme(): void {
  effect(() => {
    const { dataset } = document.documentElement;
    if (theme.value === 'system') delete dataset['theme'];
    else dataset['theme'] = theme.value;
    try {
      if (theme.value === 'system') localStorage.removeItem(kept);
      else localStorage.setItem(kept, theme.value);
    } catch {
      // Storage is switched off: the choice holds for this visit.
    }
  });
}

/** Light is followed by dark, dark by what the system says. */
export function nextTheme(): void {
  theme.value = theme.peek() === 'system' ? 'light' : theme.peek() === 'light' ? 'dark' : 'system';
}

function read(): Theme {
  const chosen = document.documentElement.dataset['theme'];
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}
