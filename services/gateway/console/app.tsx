import { useEffect, useState } from 'preact/hooks';
import { ApiError, get } from './api.ts';
import { Button } from './components/button.tsx';
import { Skeleton } from './components/loaded.tsx';
import { recoveries } from './connection.ts';
import { Banner } from './frame/banner.tsx';
import { Frame } from './frame/frame.tsx';
import { type Me, me } from './me.ts';
import { SignIn } from './sign-in/sign-in.tsx';

/** The whole console: the frame for whoever is signed in, else the way to get there. */
export function App({ code }: { code: string | undefined }) {
  const [isKnown, setKnown] = useState(false);
  const [link, setLink] = useState(code);
  const [problem, setProblem] = useState<ApiError>();
  const recovered = recoveries.value;
  const signedIn = me.value;
  // It is used up: when this session ends, the page says that, and not that the link is old.
  useEffect(() => {
    if (signedIn) setLink(undefined);
  }, [signedIn]);
  useEffect(() => {
    if (me.peek()) return;
    // A link that was just opened is used, whoever was signed in before, also when it has to be tried again.
    if (link !== undefined) {
      me.value = null;
      setKnown(true);
      return;
    }
    get<Me>('/api/v1/me').then(
      (known) => {
        me.value = known;
        setKnown(true);
      },
      (error: unknown) => {
        // The banner tells of what is away, and it is asked again when that is back.
        if (!(error instanceof ApiError) || error.isPassing) return;
        if (error.code !== 'unauthorised') return setProblem(error);
        me.value = null;
        setKnown(true);
      },
    );
  }, [code, recovered]);
  if (signedIn) return <Frame me={signedIn} />;
  return (
    <>
      <Banner />
      {isKnown ? (
        <SignIn code={link} />
      ) : (
        <main class="starting">
          {problem === undefined ? <Skeleton lines={3} /> : <Refused problem={problem} />}
        </main>
      )}
    </>
  );
}

/** Nobody knows who is signed in, and waiting alone will not tell. */
function Refused({ problem }: { problem: ApiError }) {
  return (
    <div class="empty" role="alert">
      <p class="empty-title">The console could not be opened</p>
      <p class="muted">{problem.message}</p>
      <Button icon="refresh" onClick={() => location.reload()}>
        Load again
      </Button>
    </div>
  );
}
