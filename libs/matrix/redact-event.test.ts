import { expect, it } from 'vitest';
import { MatrixRequestError } from './errors.ts';
import type { MatrixRequest } from './matrix-client.ts';
import { redactEvent } from './redact-event.ts';

const userId = '@bot:x';

/** Takes `$event` back, of which there are two edits of ours and one of somebody else's; says what was asked for. */
async function redact(gone: readonly string[], status = 404): Promise<string[]> {
  const asked: string[] = [];
  const request: MatrixRequest = async (method, path) => {
    const what = decodeURIComponent(path.split('/').at(path.includes('/redact/') ? -2 : -1) ?? '');
    asked.push(what);
    if (gone.includes(what)) {
      const failure = {
        method,
        path,
        status,
        errcode: 'M_X',
        retryAfterMs: null,
        reason: 'no',
        retryable: false,
      };
      throw new MatrixRequestError(failure);
    }
    const edit = (id: string, sender = userId) => ({ event_id: id, sender });
    return { chunk: [edit('$one'), edit('$theirs', '@a:x'), edit('$two')] };
  };
  await redactEvent({ userId, deviceId: null, request }, { room: '!r:x', event: '$event' });
  return asked;
}

it('takes back the edits first, then the event, and nothing of others', async () => {
  expect(await redact([])).toEqual(['m.replace', '$one', '$two', '$event']);
});

it.each([['$one'], ['m.replace'], ['$event']])('takes back all the rest where %s is gone', async (gone) => {
  const rest = gone === 'm.replace' ? ['$event'] : ['$one', '$two', '$event'];
  expect(await redact([gone])).toEqual(['m.replace', ...rest]);
});

it('rejects where the homeserver refuses', async () => {
  await expect(redact(['$one'], 403)).rejects.toBeInstanceOf(MatrixRequestError);
});
