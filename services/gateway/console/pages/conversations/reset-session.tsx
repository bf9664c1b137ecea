import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError, post } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { tell } from '../../components/toast.tsx';
import { may } from '../../me.ts';

export interface ResetSessionProps {
  readonly session: string;
  onReset(): void;
}

/** Lets an operator make a conversation forget, after a question. Nothing for everybody else. */
export function ResetSession({ session, onReset }: ResetSessionProps): JSX.Element | null {
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  if (!may('operator')) return null;
  const reset = async (): Promise<void> => {
    setBusy(true);
    try {
      await post(`/api/v1/sessions/${encodeURIComponent(session)}/reset`);
      tell('It is reset as soon as its turn comes.', 'good');
      setAsking(false);
      onReset();
    } catch (error) {
      tell(error instanceof ApiError ? error.message : String(error), 'bad');
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button kind="quiet" icon="refresh" onClick={() => setAsking(true)}>
        Reset
      </Button>
      {isAsking && (
        <Dialog
          title="Reset this conversation?"
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onClick={() => setAsking(false)}>Keep it</Button>
              <Button kind="danger" isBusy={isBusy} onClick={() => void reset()}>
                Reset it
              </Button>
            </>
          }
        >
          <p>
            The bot forgets what was said and leaves its flows, behind the messages that wait. Approvals that
            wait are withdrawn. What is remembered of the person stays, and so does the audit.
          </p>
        </Dialog>
      )}
    </>
  );
}
