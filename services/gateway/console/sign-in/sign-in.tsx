import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get, post } from '../api.ts';
import { Icon } from '../components/icon.tsx';
import { Skeleton } from '../components/loaded.tsx';
import { recoveries } from '../connection.ts';
import { hasEnded, type Me, me } from '../me.ts';

/** How somebody can sign in here. */
interface WaysIn {
  readonly oidc: boolean;
  readonly links: boolean;
}

/** Shown to whoever is not signed in. With the code of a link it signs in by itself. */
export function SignIn({ code }: { code: string | undefined }) {
  const [problem, setProblem] = useState<ApiError | undefined>();
  const [isBusy, setBusy] = useState(code !== undefined);
  const [ways, setWays] = useState<WaysIn | undefined>();
  useEffect(() => {
    get<WaysIn>('/api/v1/ways-in').then(setWays, () => undefined);
  }, []);
  const hasTried = useRef(false);
  const recovered = recoveries.value;
  useEffect(() => {
    // Once; and again when what was away has come back.
    if (code === undefined || (hasTried.current && problem?.isPassing !== true)) return;
    hasTried.current = true;
    setBusy(true);
    setProblem(undefined);
    signIn(code)
      .then(() => undefined, asApiError)
      .then((failed) => {
        setProblem(failed);
        setBusy(false);
      });
  }, [code, recovered]);
  return (
    <main class="sign-in">
      <div class="sign-in-card">
        <span class="logo large" aria-hidden="true" />
        <h1>{isBusy ? 'Signing you in' : 'Sign in to vagent'}</h1>
        {isBusy ? (
          <Skeleton lines={2} />
        ) : (
          <Ways ways={ways} problem={problem} wasLink={code !== undefined} />
        )}
      </div>
    </main>
  );
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({ status: 0, code: 'internal', detail: String(error) });
}

async function signIn(code: string): Promise<void> {
  if (code.length < 16)
    throw new ApiError({ status: 400, code: 'bad_request', detail: 'The link is not whole.' });
  await post('/api/v1/sign-in', { code });
  const signedIn = await get<Me>('/api/v1/me');
  hasEnded.value = false;
  me.value = signedIn;
}

interface WaysProps {
  readonly ways: WaysIn | undefined;
  readonly problem: ApiError | undefined;
  readonly wasLink: boolean;
}

function Ways({ ways, problem, wasLink }: WaysProps) {
  const isAway = problem?.isPassing === true;
  return (
    <>
      {problem === undefined ? null : (
        <div class="notice bad" role="alert">
          <Icon name="warning" />
          <div>
            <strong>{isAway ? 'Not signed in yet' : 'This link does not work any more'}</strong>
            <p>{isAway ? `${problem.message} Your link is tried again by itself.` : linkWords(problem)}</p>
          </div>
        </div>
      )}
      {hasEnded.value && problem === undefined ? (
        <p class="notice" role="status">
          Your session has ended. Nothing that you decided is lost.
        </p>
      ) : null}
      {ways?.oidc === true ? (
        <a class="button primary wide" href="/api/v1/oidc/start">
          <Icon name="key" size={16} />
          <span>Continue with your company account</span>
        </a>
      ) : null}
      {ways !== undefined && !ways.oidc && !ways.links ? (
        <p class="muted">
          Only programs with tokens are let in here. For people, set <code>OIDC_ISSUER</code> or{' '}
          <code>CONSOLE_LINKS=on</code> on the gateway.
        </p>
      ) : null}
      {ways?.links === false ? null : (
        <div class="sign-in-link">
          <p class="muted">
            {wasLink ? 'Make a new link' : 'Make a link, which works once,'} where vagent runs, and open it
            here:
          </p>
          <code class="command">npx vagent console</code>
          <p class="muted small">On your own machine, npm start has printed one too.</p>
        </div>
      )}
    </>
  );
}

function linkWords(problem: ApiError): string {
  if (problem.code === 'too_many_requests') return 'Too many tries. Wait a minute, then open the link again.';
  return 'A link works once, for ten minutes. Somebody has used it, or its time was over.';
}
