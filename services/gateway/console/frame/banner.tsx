import { now } from '../clock.ts';
import { Icon } from '../components/icon.tsx';
import { durationOf } from '../components/time.tsx';
import { away } from '../connection.ts';

/** Said as long as something that the console needs is away; it goes by itself. */
export function Banner() {
  const gone = away.value;
  // Rendered anew each second, so that the time it tells is right.
  const ms = gone === null ? 0 : Math.max(0, now.value - gone.since);
  return (
    <div class="banner-place" role="status" aria-live="polite">
      {gone === null ? null : (
        <div class="banner">
          <Icon name="warning" size={16} />
          <span>
            {gone.what === 'gateway' ? 'The gateway' : 'Redis'} is away since{' '}
            {new Date(gone.since).toLocaleTimeString([], {
              hour: '2-digit',
              minute: '2-digit',
              second: '2-digit',
            })}
            <span aria-hidden="true"> ({durationOf(ms)})</span>, trying again. What you see may be old.
          </span>
        </div>
      )}
    </div>
  );
}
