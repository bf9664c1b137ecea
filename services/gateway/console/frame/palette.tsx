import { useEffect, useId, useState } from 'preact/hooks';
import { Dialog } from '../components/dialog.tsx';
import { Icon, type IconName } from '../components/icon.tsx';
import type { Page } from '../pages.ts';
import { navigate } from '../router.ts';
import { shortcuts } from '../shortcuts.ts';
import { nextTheme } from '../theme.ts';
import { signOut } from './navigation.tsx';

interface Command {
  readonly title: string;
  readonly icon: IconName;
  readonly keys?: string;
  run(): void;
}

/** Finds a page or something to do by a few letters. */
export function Palette({ pages, onClose }: { pages: readonly Page[]; onClose(): void }) {
  const [words, setWords] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const found = commands(pages).filter(({ title }) => matches(title, words));
  const chosen = found[Math.min(at, found.length - 1)];
  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  useEffect(() => {
    document.getElementById(`${list}-${at}`)?.scrollIntoView({ block: 'nearest' });
  }, [at, list]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') run(chosen);
    else if (event.key === 'ArrowDown') setAt(Math.min(found.length - 1, at + 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(0, at - 1));
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Find a page or a command" kind="palette" onClose={onClose}>
      <input
        class="palette-input"
        type="text"
        role="combobox"
        aria-label="Find a page or a command"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={chosen === undefined ? undefined : `${list}-${found.indexOf(chosen)}`}
        placeholder="Where to, or what?"
        autocomplete="off"
        autoFocus
        value={words}
        onInput={({ currentTarget }) => {
          setWords(currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div class="palette-list" role="listbox" id={list} aria-label="Found">
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the input does the same.
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input, which names the active one.
          <div
            key={command.title}
            id={`${list}-${index}`}
            role="option"
            aria-selected={command === chosen}
            onClick={() => run(command)}
          >
            <Icon name={command.icon} size={16} />
            <span>{command.title}</span>
            {command.keys === undefined ? null : <kbd>{command.keys}</kbd>}
          </div>
        ))}
      </div>
      {found.length === 0 ? <p class="palette-none muted">Nothing of that name.</p> : null}
    </Dialog>
  );
}

function commands(pages: readonly Page[]): Command[] {
  const here = shortcuts
    .peek()
    .filter(({ group }) => !['Go to', 'Everywhere', 'Lists'].includes(group))
    .map(({ title, keys, run }): Command => ({ title, keys, icon: 'spark', run }));
  return [
    ...here,
    ...pages.map(({ title, icon, key, path }) => ({
      title,
      icon,
      keys: `g ${key}`,
      run: () => navigate(path),
    })),
    { title: 'Switch between light and dark', icon: 'moon', keys: 't', run: nextTheme },
    { title: 'Sign out', icon: 'out', run: () => void signOut() },
    { title: 'Sign out everywhere, and end all your tokens', icon: 'out', run: () => void signOut(true) },
  ];
}

/** Each word that was typed begins somewhere in the title. */
function matches(title: string, words: string): boolean {
  const own = title.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .every((word) => own.includes(word));
}
