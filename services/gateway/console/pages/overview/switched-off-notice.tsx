import type { JSX } from 'preact';
import { nameOf, shown } from '../../canonical.ts';
import { Icon } from '../../components/icon.tsx';
import { Time } from '../../components/time.tsx';
import { hrefOf } from '../../router.ts';
import { switchName } from '../switches/effect-of-switch.ts';
import type { Overview } from './overview-page.tsx';

/** What is switched off comes first: everything else on the page follows from it. */
export function SwitchedOffNotice({ switches }: Pick<Overview, 'switches'>): JSX.Element | null {
  if (switches.length === 0) return null;
  return (
    <section class="off-notice" aria-label="Switched off">
      <Icon name="switch" />
      <ul>
        {switches.map(({ scope, name, by, because, at }) => (
          <li key={`${scope} ${name}`}>
            <strong>{shown(switchName(scope, name))}</strong> is switched off by {nameOf(by)},{' '}
            <Time at={at} />: {shown(because)}
          </li>
        ))}
      </ul>
      <a href={hrefOf('switches')}>Switches</a>
    </section>
  );
}
