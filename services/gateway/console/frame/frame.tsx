import { useEffect, useState } from 'preact/hooks';
import { useApprovalsWaiting } from '../approvals/waiting.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Empty } from '../components/empty.tsx';
import { Toasts } from '../components/toast.tsx';
import { type Me, may } from '../me.ts';
import { type Page, pages } from '../pages.ts';
import { navigate, path } from '../router.ts';
import { useShortcuts } from '../shortcuts.ts';
import { nextTheme } from '../theme.ts';
import { Banner } from './banner.tsx';
import { Navigation } from './navigation.tsx';
import { PageView } from './page-view.tsx';
import { Palette } from './palette.tsx';
import { ShortcutHelp } from './shortcut-help.tsx';

type Over = 'palette' | 'help' | 'menu' | undefined;

/** What surrounds every page: navigation, connection, and the keys that work everywhere. */
export function Frame({ me }: { me: Me }) {
  const [over, setOver] = useState<Over>();
  const own = pages.filter(({ needs }) => may(needs));
  const page = pageAt(own, path.value[0]);
  const close = (): void => setOver(undefined);
  useShortcuts([
    ...own.map(({ key, path: name, title }) => ({
      keys: `g ${key}`,
      title: `Go to ${title.toLowerCase()}`,
      group: 'Go to',
      run: () => navigate(name),
    })),
    { keys: 'mod+k', title: 'Find a page or a command', group: 'Everywhere', run: () => setOver('palette') },
    { keys: '?', title: 'Show these keys', group: 'Everywhere', run: () => setOver('help') },
    { keys: 't', title: 'Switch between light and dark', group: 'Everywhere', run: nextTheme },
  ]);
  useApprovalsWaiting(may('viewer'));
  useEffect(() => {
    document.title = page === undefined ? 'vagent' : `${page.title} · vagent`;
    close();
  }, [page]);
  const navigation = {
    me,
    pages: own,
    current: page,
    onFind: () => setOver('palette'),
    onHelp: () => setOver('help'),
  };
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={skip}>
        Skip to the page
      </button>
      <aside class="sidebar">
        <Navigation {...navigation} />
      </aside>
      <header class="topbar">
        <Button kind="quiet" icon="menu" label="Menu" onClick={() => setOver('menu')} />
        <span class="logo" aria-hidden="true" />
        <span class="topbar-title">vagent</span>
        <Button kind="quiet" icon="search" label="Find" onClick={() => setOver('palette')} />
      </header>
      <div class="content">
        <Banner />
        <main id="main" tabIndex={-1}>
          {page === undefined ? (
            <Empty title="There is no such page" icon="search">
              Choose one at the side, or press Ctrl K.
            </Empty>
          ) : (
            <PageView key={page.path} page={page} rest={path.value.slice(1)} />
          )}
        </main>
      </div>
      {over === 'palette' ? <Palette pages={own} onClose={close} /> : null}
      {over === 'help' ? <ShortcutHelp onClose={close} /> : null}
      {over === 'menu' ? (
        <Dialog title="Menu" kind="drawer" onClose={close}>
          <Navigation {...navigation} />
        </Dialog>
      ) : null}
      <Toasts />
    </div>
  );
}

function pageAt(own: readonly Page[], name: string | undefined): Page | undefined {
  return name === undefined ? own[0] : own.find(({ path: one }) => one === name);
}

/** The address is the router's: the focus is moved by hand. */
function skip(): void {
  document.getElementById('main')?.focus();
}
