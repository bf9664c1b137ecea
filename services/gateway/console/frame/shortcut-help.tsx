import { Dialog } from '../components/dialog.tsx';
import { type Shortcut, shortcuts } from '../shortcuts.ts';

/** The keys that work at this moment, by what they are for. */
export function ShortcutHelp({ onClose }: { onClose(): void }) {
  const groups = Map.groupBy(newest(shortcuts.value), ({ group }) => group);
  return (
    <Dialog title="Keys" kind="wide" onClose={onClose}>
      <div class="keys">
        {[...groups].map(([group, own]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {own.map(({ keys, title }) => (
                <div key={keys}>
                  <dt>
                    {keys.split(' ').map((key) => (
                      <kbd key={key}>{key.replace('mod+', 'Ctrl ')}</kbd>
                    ))}
                  </dt>
                  <dd>{title}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

/** Of several with the same keys only the last one works. */
function newest(all: readonly Shortcut[]): readonly Shortcut[] {
  return [...new Map(all.map((shortcut) => [shortcut.keys, shortcut])).values()];
}
