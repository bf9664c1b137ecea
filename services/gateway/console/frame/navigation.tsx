import { ApiError, post } from '../api.ts';
import { approvalsWaiting } from '../approvals/waiting.ts';
import { Dot } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Icon, type IconName } from '../components/icon.tsx';
import { tell } from '../components/toast.tsx';
import { away } from '../connection.ts';
import { type Me, me as signedIn } from '../me.ts';
import type { Page } from '../pages.ts';
import { forgetResources } from '../resource.ts';
import { hrefOf } from '../router.ts';
import { nextTheme, type Theme, theme } from '../theme.ts';

interface NavigationProps {
  readonly me: Me;
  readonly pages: readonly Page[];
  readonly current: Page | undefined;
  onFind(): void;
  onHelp(): void;
}

const themes: Readonly<Record<Theme, { icon: IconName; label: string }>> = {
  system: { icon: 'computer', label: 'Theme: as the system' },
  light: { icon: 'sun', label: 'Theme: light' },
  dark: { icon: 'moon', label: 'Theme: dark' },
};

export function Navigation({ me, pages, current, onFind, onHelp }: NavigationProps) {
  const groups = [...new Set(pages.map(({ group }) => group))];
  const shown = themes[theme.value];
  return (
    <div class="navigation">
      <div class="brand">
        <span class="logo" aria-hidden="true" />
        <span>vagent</span>
        <Connection />
      </div>
      <button type="button" class="find" onClick={onFind}>
        <Icon name="search" size={15} />
        <span>Find</span>
        <span aria-hidden="true">
          <kbd>Ctrl K</kbd>
        </span>
      </button>
      <nav aria-label="Pages">
        {groups.map((group) => (
          <div key={group} class="nav-group">
            <p aria-hidden="true">{group}</p>
            <ul>
              {pages
                .filter((page) => page.group === group)
                .map((page) => (
                  <li key={page.path}>
                    <a href={hrefOf(page.path)} aria-current={page === current ? 'page' : undefined}>
                      <Icon name={page.icon} size={17} />
                      <span>{page.title}</span>
                      {page.path === 'inbox' ? <Waiting /> : null}
                    </a>
                  </li>
                ))}
            </ul>
          </div>
        ))}
      </nav>
      <footer class="who">
        <span class="avatar" aria-hidden="true">
          {me.name.slice(0, 1).toUpperCase()}
        </span>
        <div class="who-name">
          <strong title={me.user}>{me.name}</strong>
          <span class="muted">{me.role}</span>
        </div>
        <Button kind="quiet" size="small" icon={shown.icon} label={shown.label} onClick={nextTheme} />
        <Button kind="quiet" size="small" icon="command" label="Keys" onClick={onHelp} />
        <Button kind="quiet" size="small" icon="out" label="Sign out" onClick={() => void signOut()} />
      </footer>
    </div>
  );
}

function Connection() {
  const gone = away.value;
  return (
    <span class="connection" title={gone === null ? 'Connected' : `${gone.what} is away`}>
      <Dot tone={gone === null ? 'good' : 'bad'} isPulsing={gone !== null} />
      <span class="visually-hidden">{gone === null ? 'Connected' : 'Not connected'}</span>
    </span>
  );
}

/** How many approvals wait, beside the inbox. */
function Waiting() {
  const count = approvalsWaiting.value;
  if (count === 0) return null;
  return (
    <span class="count">
      {count > 99 ? '99+' : count}
      <span class="visually-hidden"> wait</span>
    </span>
  );
}

/** Signs out on the gateway first, here or everywhere: a session that could not be ended there is still open, and shown as that. */
export async function signOut(isEverywhere = false): Promise<void> {
  try {
    await post(isEverywhere ? '/api/v1/sign-out-everywhere' : '/api/v1/sign-out');
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'unauthorised') {
      tell(`You are still signed in: ${error instanceof Error ? error.message : String(error)}`, 'bad');
      return;
    }
  }
  forgetResources();
  sessionStorage.clear();
  signedIn.value = null;
}
