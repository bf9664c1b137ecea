import './styles/tokens.css';
import './styles/base.css';
import './styles/components.css';
import './styles/frame.css';
import './styles/approvals.css';
import './styles/playground.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { listenForShortcuts } from './shortcuts.ts';
import { openLaterSignIns, takeSignInCode } from './sign-in/take-code.ts';
import { followTheme } from './theme.ts';

const root = document.getElementById('console');
if (root !== null) {
  // Before anything else can read the address.
  const code = takeSignInCode();
  openLaterSignIns();
  followTheme();
  listenForShortcuts();
  render(<App code={code} />, root);
}
